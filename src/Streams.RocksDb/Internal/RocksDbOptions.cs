namespace Assay.Streams.RocksDb.Internal;

/// <summary>What all databases of an engine share; freed by the last that uses it, engine or database: a thread that hangs may outlive its application.</summary>
internal sealed class RocksDbOptions : IDisposable
{
    private const int NoCompression = 0;
    private const int LogErrors = 3;
    private readonly nint _cache;
    private readonly nint _writeBuffers;
    private readonly Lock _lock = new();
    private int _users = 1;

    public RocksDbOptions(int memoryMegabytes)
    {
        nuint memory = (nuint)memoryMegabytes << 20;
        _cache = LibRocksDb.CacheCreate(memory);
        // A quarter may be writes that wait to be sorted into files; more of them make files larger and fewer, and leave less for reads.
        _writeBuffers = LibRocksDb.WriteBufferManagerCreate(memory / 4, _cache, allowStall: 0);
        Database = LibRocksDb.OptionsCreate();
        nint tables = LibRocksDb.TableOptionsCreate();
        LibRocksDb.SetBlockCache(tables, _cache);
        // Without, indexes and filters of all files stay in memory beside the cache, however large the store.
        LibRocksDb.SetCacheIndexAndFilterBlocks(tables, 1);
        LibRocksDb.SetFilterPolicy(tables, LibRocksDb.BloomFilterCreate(bitsPerKey: 10));
        LibRocksDb.SetTableFactory(Database, tables);
        LibRocksDb.TableOptionsDestroy(tables);
        LibRocksDb.SetWriteBufferManager(Database, _writeBuffers);
        LibRocksDb.SetWriteBufferSize(Database, memory / 8);
        LibRocksDb.SetCreateIfMissing(Database, 1);
        LibRocksDb.SetCompression(Database, NoCompression);
        LibRocksDb.SetMaxOpenFiles(Database, 256);
        LibRocksDb.SetKeepLogFiles(Database, 1);
        LibRocksDb.SetInfoLogLevel(Database, LogErrors);
        Read = LibRocksDb.ReadOptionsCreate();
        Write = LibRocksDb.WriteOptionsCreate();
    }

    public nint Database { get; }

    public nint Read { get; }

    public nint Write { get; }

    /// <summary>One more user, who disposes it too.</summary>
    public RocksDbOptions Share()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_users == 0, this);
            _users++;
            return this;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return;
        }
        LibRocksDb.ReadOptionsDestroy(Read);
        LibRocksDb.WriteOptionsDestroy(Write);
        LibRocksDb.OptionsDestroy(Database);
        LibRocksDb.WriteBufferManagerDestroy(_writeBuffers);
        LibRocksDb.CacheDestroy(_cache);
    }
}
