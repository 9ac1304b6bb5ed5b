using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// Walks the records of a batch (https://kafka.apache.org/documentation/#record): length varint, attributes 1, timestamp delta varint, offset delta varint,
/// key and value each with a varint length (−1: null), headers. Everything it shows is a part of the bytes it walks.
/// </summary>
/// <param name="records">The batch's records, uncompressed.</param>
internal ref struct RecordCursor(ReadOnlySpan<byte> records)
{
    private readonly ReadOnlySpan<byte> _records = records;
    private int _position;

    public long TimestampDelta { get; private set; }
    public long OffsetDelta { get; private set; }
    public bool HasKey { get; private set; }
    public bool HasValue { get; private set; }
    public ReadOnlySpan<byte> Key { get; private set; }
    public ReadOnlySpan<byte> Value { get; private set; }
    /// <summary>The whole record with its length.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }
    /// <summary>The record's attributes.</summary>
    public byte Attributes { get; private set; }
    /// <summary>What follows the timestamp delta.</summary>
    public ReadOnlySpan<byte> AfterTimestamp { get; private set; }

    /// <summary>Whether all bytes were walked.</summary>
    public readonly bool AtEnd => _position == _records.Length;

    /// <summary>Goes on to the next record.</summary>
    /// <exception cref="WireException">The record does not fit the bytes.</exception>
    public void MoveNext()
    {
        int start = _position;
        long length = Varint();
        if (length < 1 || length > _records.Length - _position)
            throw new WireException("a record's length does not fit its batch");
        int end = _position + (int)length;
        Attributes = _records[_position++];
        TimestampDelta = Varint();
        int afterTimestamp = _position;
        OffsetDelta = Varint();
        HasKey = Field(end, out ReadOnlySpan<byte> key);
        HasValue = Field(end, out ReadOnlySpan<byte> value);
        Key = key;
        Value = value;
        Whole = _records[start..end];
        AfterTimestamp = _records[afterTimestamp..end];
        _position = end;
    }

    private bool Field(int end, out ReadOnlySpan<byte> bytes)
    {
        long length = Varint();
        bytes = default;
        if (length > end - _position || _position > end)
            throw new WireException("a record's field does not fit its batch");
        if (length < 0)
            return false;
        bytes = _records.Slice(_position, (int)length);
        _position += (int)length;
        return true;
    }

    private long Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && _position < _records.Length; shift += 7)
        {
            byte next = _records[_position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw new WireException("a record's varint does not end within its batch");
    }
}
