using System.Buffers;

namespace Assay.Streams.RocksDb.Internal;

internal sealed unsafe class RocksDbDatabase(RocksDbOptions options, string folder) : IStoreDatabase
{
    private nint _database = Open(options, folder);

    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> value)
    {
        nint slice, error;
        fixed (byte* keyBytes = key)
            slice = LibRocksDb.GetPinned(_database, options.Read, keyBytes, (nuint)key.Length, out error);
        RocksDbErrors.Throw(error);
        if (slice == 0)
            return false;
        byte* bytes = LibRocksDb.PinnedValue(slice, out nuint length);
        value.Write(new ReadOnlySpan<byte>(bytes, (int)length));
        LibRocksDb.PinnedDestroy(slice);
        return true;
    }

    public IStoreCursor OpenCursor() => new RocksDbCursor(LibRocksDb.IteratorCreate(_database, options.Read));

    public IStoreBatch CreateBatch() => new RocksDbBatch();

    public void Write(IStoreBatch batch)
    {
        nint handle = ((RocksDbBatch)batch).Handle;
        LibRocksDb.Write(_database, options.Write, handle, out nint error);
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
        RocksDbErrors.Throw(error);
    }

    private static nint Open(RocksDbOptions options, string folder)
    {
        nint database = LibRocksDb.Open(options.Database, folder, out nint error);
        RocksDbErrors.Throw(error);
        return database;
    }
}
