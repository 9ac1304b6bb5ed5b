using System.Buffers.Binary;
using System.Text;

namespace Assay.Broker.Internal.Wire;

/// <summary>
/// Reads messages from a frame. Every length is checked against what is left of the frame before anything is allocated, and all arrays of a frame
/// together may hold <see cref="MaxElements"/> elements, so that a small hostile frame cannot ask for a large heap.
/// </summary>
internal sealed class WireReader(ReadOnlyMemory<byte> data, short version, bool flexible) : Codec(version, flexible)
{
    public const int MaxElements = 50_000;

    private int _position;
    private int _elements;

    public int Remaining => data.Length - _position;

    protected override bool Reading => true;

    public static T Read<T>(ReadOnlyMemory<byte> data, short version, bool flexible) where T : IMessage, new()
    {
        T message = new();
        message.Visit(new WireReader(data, version, flexible));
        return message;
    }

    protected override void BoolField(ref bool value) => value = Take(1)[0] != 0;

    protected override void Int8Field(ref sbyte value) => value = (sbyte)Take(1)[0];

    protected override void Int16Field(ref short value) => value = BinaryPrimitives.ReadInt16BigEndian(Take(2));

    protected override void Int32Field(ref int value) => value = BinaryPrimitives.ReadInt32BigEndian(Take(4));

    protected override void Int64Field(ref long value) => value = BinaryPrimitives.ReadInt64BigEndian(Take(8));

    protected override void UuidField(ref Guid value) => value = new Guid(Take(16), bigEndian: true);

    protected override void StringField(ref string? value)
    {
        int length = Flexible ? (int)UnsignedVarint() - 1 : ShortLength();
        value = length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    protected override void BytesField(ref byte[]? value)
    {
        int length = Length();
        value = length < 0 ? null : Take(length).ToArray();
    }

    protected override void RecordsField(ref ReadOnlyMemory<byte>? value)
    {
        int length = Length();
        if (length < 0)
        {
            value = null;
            return;
        }
        int start = _position;
        Take(length);
        value = data.Slice(start, length);
    }

    protected override int CountField(int count)
    {
        int read = Length();
        if (read <= 0)
            return read;
        // An element takes a byte at least.
        if (read > Remaining || (_elements += read) > MaxElements)
            throw new WireException($"an array of {read} elements does not fit the {Remaining} bytes that follow or the limit of {MaxElements} elements");
        return read;
    }

    public override void Tags()
    {
        if (!Flexible)
            return;
        for (uint count = UnsignedVarint(); count > 0; count--)
        {
            UnsignedVarint();
            Take((int)Math.Min(UnsignedVarint(), int.MaxValue));
        }
    }

    private short ShortLength()
    {
        short length = 0;
        Int16Field(ref length);
        return length;
    }

    private int Length()
    {
        if (Flexible)
            return (int)Math.Min(UnsignedVarint(), int.MaxValue) - 1;
        int length = 0;
        Int32Field(ref length);
        return length;
    }

    private uint UnsignedVarint()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw new WireException("a varint is longer than five bytes");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)Remaining)
            throw new WireException($"a field of {length} bytes does not fit the {Remaining} bytes that are left of the frame");
        ReadOnlySpan<byte> taken = data.Span.Slice(_position, length);
        _position += length;
        return taken;
    }
}
