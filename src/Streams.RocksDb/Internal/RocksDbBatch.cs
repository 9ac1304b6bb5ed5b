namespace Assay.Streams.RocksDb.Internal;

internal sealed unsafe class RocksDbBatch : IStoreBatch
{
    public nint Handle { get; private set; } = LibRocksDb.BatchCreate();

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
            LibRocksDb.BatchPut(Handle, keyBytes, (nuint)key.Length, valueBytes, (nuint)value.Length);
    }

    public void Delete(ReadOnlySpan<byte> key)
    {
        fixed (byte* keyBytes = key)
            LibRocksDb.BatchDelete(Handle, keyBytes, (nuint)key.Length);
    }

    public void Dispose()
    {
        if (Handle != 0)
            LibRocksDb.BatchDestroy(Handle);
        Handle = 0;
    }
}
