namespace Assay.Streams.RocksDb.Internal;

internal sealed unsafe class RocksDbCursor(nint iterator) : IStoreCursor
{
    private nint _iterator = iterator;

    public ReadOnlySpan<byte> Key
    {
        get
        {
            byte* bytes = LibRocksDb.IteratorKey(_iterator, out nuint length);
            return new ReadOnlySpan<byte>(bytes, (int)length);
        }
    }

    public ReadOnlySpan<byte> Value
    {
        get
        {
            byte* bytes = LibRocksDb.IteratorValue(_iterator, out nuint length);
            return new ReadOnlySpan<byte>(bytes, (int)length);
        }
    }

    public bool SeekFrom(ReadOnlySpan<byte> key)
    {
        fixed (byte* keyBytes = key)
            LibRocksDb.IteratorSeek(_iterator, keyBytes, (nuint)key.Length);
        return IsValid();
    }

    public bool SeekBelow(ReadOnlySpan<byte> key)
    {
        fixed (byte* keyBytes = key)
            LibRocksDb.IteratorSeekForPrevious(_iterator, keyBytes, (nuint)key.Length);
        if (!IsValid() || !Key.SequenceEqual(key))
            return IsValid();
        LibRocksDb.IteratorPrevious(_iterator);
        return IsValid();
    }

    public bool Next()
    {
        LibRocksDb.IteratorNext(_iterator);
        return IsValid();
    }

    public void Dispose()
    {
        if (_iterator != 0)
            LibRocksDb.IteratorDestroy(_iterator);
        _iterator = 0;
    }

    private bool IsValid()
    {
        if (LibRocksDb.IteratorValid(_iterator) != 0)
            return true;
        LibRocksDb.IteratorError(_iterator, out nint error);
        RocksDbErrors.Throw(error);
        return false;
    }
}
