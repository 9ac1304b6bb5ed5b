using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Assay.Broker.Internal.Wire;

/// <summary>
/// Writes messages into pooled memory. Large record batches are not copied: they become segments of their own, so that a response goes out as a
/// gathered write of <see cref="Segments"/>.
/// </summary>
internal sealed class WireWriter(short version, bool flexible, int capacity = 512) : Codec(version, flexible), IDisposable
{
    private const int CopyBelow = 1024;

    private readonly List<(ReadOnlyMemory<byte> External, int At)> _externals = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private int _position;
    private int _externalBytes;

    /// <summary>Bytes written so far.</summary>
    public int Length => _position + _externalBytes;

    protected override bool Reading => false;

    /// <summary>The message's bytes in an array of their own.</summary>
    public static byte[] ToArray(IMessage message, short version, bool flexible)
    {
        using WireWriter writer = new(version, flexible);
        message.Visit(writer);
        byte[] bytes = new byte[writer.Length];
        int at = 0;
        foreach (ReadOnlyMemory<byte> segment in writer.Segments())
        {
            segment.CopyTo(bytes.AsMemory(at));
            at += segment.Length;
        }
        return bytes;
    }

    /// <summary>What was written, in order; valid until disposal.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments()
    {
        int start = 0;
        foreach ((ReadOnlyMemory<byte> external, int at) in _externals)
        {
            if (at > start)
                yield return _buffer.AsMemory(start, at - start);
            yield return external;
            start = at;
        }
        if (_position > start)
            yield return _buffer.AsMemory(start, _position - start);
    }

    /// <summary>Overwrites the four bytes at the very start: a frame's length, known only at its end.</summary>
    public void PatchLength(int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer, value);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    protected override void BoolField(ref bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    protected override void Int8Field(ref sbyte value) => Take(1)[0] = (byte)value;

    protected override void Int16Field(ref short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    protected override void Int32Field(ref int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    protected override void Int64Field(ref long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    protected override void UuidField(ref Guid value) => value.TryWriteBytes(Take(16), bigEndian: true, out _);

    protected override void StringField(ref string? value)
    {
        int length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (Flexible)
            UnsignedVarint((uint)(length + 1));
        else
        {
            // A longer one cannot be said in the old encoding; only messages for people come near.
            if (length > short.MaxValue)
            {
                string cut = value![..(short.MaxValue / 4)];
                StringField(ref cut!);
                return;
            }
            short prefix = (short)length;
            Int16Field(ref prefix);
        }
        if (length > 0)
            Encoding.UTF8.GetBytes(value, Take(length));
    }

    protected override void BytesField(ref byte[]? value)
    {
        LengthPrefix(value?.Length ?? -1);
        if (value is not null)
            value.CopyTo(Take(value.Length));
    }

    protected override void RecordsField(ref ReadOnlyMemory<byte>? value)
    {
        LengthPrefix(value?.Length ?? -1);
        if (value is not { Length: > 0 } records)
            return;
        if (records.Length < CopyBelow)
        {
            records.Span.CopyTo(Take(records.Length));
            return;
        }
        _externals.Add((records, _position));
        _externalBytes += records.Length;
    }

    protected override int CountField(int count)
    {
        LengthPrefix(count);
        return count;
    }

    public override void Tags()
    {
        if (Flexible)
            Take(1)[0] = 0;
    }

    private void LengthPrefix(int length)
    {
        if (Flexible)
            UnsignedVarint((uint)(length + 1));
        else
            Int32Field(ref length);
    }

    private void UnsignedVarint(uint value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }
        Take(1)[0] = (byte)value;
    }

    private Span<byte> Take(int length)
    {
        if (_buffer.Length - _position < length)
            Grow(length);
        Span<byte> taken = _buffer.AsSpan(_position, length);
        _position += length;
        return taken;
    }

    private void Grow(int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_position + length, _buffer.Length * 2));
        _buffer.AsSpan(0, _position).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
