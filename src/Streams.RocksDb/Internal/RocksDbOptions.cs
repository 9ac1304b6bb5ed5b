namespace Assay.Streams.RocksDb.Internal;

/// <summary>What all databases of an engine share. RocksDB counts the users of each part, so it may go before the databases do.</summary>
internal sealed class RocksDbOptions : IDisposable
{
    private const int NoCompression = 0;
    private const int LogErrors = 3;
    private readonly nint _cache;
    private readonly nint _writeBuffers;

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

    public void Dispose()
    {
        LibRocksDb.ReadOptionsDestroy(Read);
        LibRocksDb.WriteOptionsDestroy(Write);
        LibRocksDb.OptionsDestroy(Database);
        LibRocksDb.WriteBufferManagerDestroy(_writeBuffers);
        LibRocksDb.CacheDestroy(_cache);
    }
}
