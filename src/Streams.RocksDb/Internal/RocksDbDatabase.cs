using System.Buffers;

namespace Assay.Streams.RocksDb.Internal;

/// <param name="options">This database's share of them.</param>
internal sealed unsafe class RocksDbDatabase(RocksDbOptions options, string folder) : IStoreDatabase
{
    private nint _database = Open(options, folder);

    private nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_database == 0, this);
            return _database;
        }
    }

    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> value)
    {
        nint slice, error;
        fixed (byte* keyBytes = key)
            slice = LibRocksDb.GetPinned(Handle, options.Read, keyBytes, (nuint)key.Length, out error);
        RocksDbErrors.Throw(error);
        if (slice == 0)
            return false;
        byte* bytes = LibRocksDb.PinnedValue(slice, out nuint length);
        value.Write(new ReadOnlySpan<byte>(bytes, (int)length));
        LibRocksDb.PinnedDestroy(slice);
        return true;
    }

    public IStoreCursor OpenCursor() => new RocksDbCursor(LibRocksDb.IteratorCreate(Handle, options.Read));

    public IStoreBatch CreateBatch() => new RocksDbBatch();

    public void Write(IStoreBatch batch)
    {
        nint handle = ((RocksDbBatch)batch).Handle;
        LibRocksDb.Write(Handle, options.Write, handle, out nint error);
        RocksDbErrors.Throw(error);
        LibRocksDb.BatchClear(handle);
    }

    public void Dispose()
    {
        nint database = Interlocked.Exchange(ref _database, 0);
        if (database == 0)
            return;
        nint flush = LibRocksDb.FlushOptionsCreate();
        LibRocksDb.Flush(database, flush, out nint error);
        LibRocksDb.FlushOptionsDestroy(flush);
        LibRocksDb.Close(database);
        options.Dispose();
        RocksDbErrors.Throw(error);
    }

    private static nint Open(RocksDbOptions options, string folder)
    {
        nint database = LibRocksDb.Open(options.Database, folder, out nint error);
        if (error != 0)
            options.Dispose();
        RocksDbErrors.Throw(error);
        return database;
    }
}
