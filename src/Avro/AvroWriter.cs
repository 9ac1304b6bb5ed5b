using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Assay.Avro;

/// <summary>Writes Avro's binary encoding into a growing buffer. <see cref="Flush"/> hands over what was written last.</summary>
public ref partial struct AvroWriter
{
    private const int LongestLong = 10;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _buffer;
    private int _position;
    private int _depth;

    public AvroWriter(IBufferWriter<byte> output)
    {
        _output = output;
        _buffer = output.GetSpan();
    }

    /// <summary>Gives the output all that was written. Call it once, at the end.</summary>
    public void Flush()
    {
        _output.Advance(_position);
        _buffer = default;
        _position = 0;
    }

    public void WriteBoolean(bool value) => Reserve(1)[0] = value ? (byte)1 : (byte)0;

    public void WriteInt(int value) => WriteLong(value);

    public void WriteLong(long value)
    {
        Ensure(LongestLong);
        ulong rest = (ulong)((value << 1) ^ (value >> 63));
        while (rest >= 0x80)
        {
            _buffer[_position++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        _buffer[_position++] = (byte)rest;
    }

    public void WriteFloat(float value) => BinaryPrimitives.WriteSingleLittleEndian(Reserve(sizeof(float)), value);

    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(sizeof(double)), value);

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteLong(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <exception cref="AvroException">The string is null or holds half of a surrogate pair.</exception>
    public void WriteString(string value)
    {
        if (value is null)
            throw new AvroException("Null was given where a string is expected.");
        try
        {
            int length = AvroReader.StrictUtf8.GetByteCount(value);
            WriteLong(length);
            AvroReader.StrictUtf8.GetBytes(value, Reserve(length));
        }
        catch (EncoderFallbackException)
        {
            throw new AvroException("A string holds half of a surrogate pair and cannot be written as UTF-8.");
        }
    }

    /// <exception cref="AvroException">The value is not <paramref name="size"/> bytes long.</exception>
    public void WriteFixed(ReadOnlySpan<byte> value, int size)
    {
        if (value.Length != size)
            throw new AvroException($"A fixed of {size} bytes was given {value.Length} bytes.");
        value.CopyTo(Reserve(size));
    }

    /// <summary>The index of an enum's symbol or of a union's branch.</summary>
    /// <exception cref="AvroException">There is no such symbol or branch.</exception>
    public void WriteIndex(int index, int count)
    {
        if ((uint)index >= (uint)count)
            throw new AvroException($"The index {index} of a symbol or branch is outside 0 to {count - 1}.");
        WriteLong(index);
    }

    /// <summary>Opens an array or map of that many items, all in one block; writes nothing for an empty one.</summary>
    public void WriteBlock(int count)
    {
        if (count > 0)
            WriteLong(count);
    }

    /// <summary>Closes an array or map.</summary>
    public void WriteEnd() => WriteLong(0);

    /// <summary>Called where a recursive type begins: what is nested deeper could not be read back.</summary>
    public void Enter()
    {
        if (++_depth > AvroReader.MaximumDepth)
            throw new AvroException($"The value is nested deeper than {AvroReader.MaximumDepth}, or holds itself.");
    }

    /// <summary>Called where a recursive type ends.</summary>
    public void Leave() => _depth--;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Ensure(int count)
    {
        if (_buffer.Length - _position < count)
            Grow(count);
    }

    private Span<byte> Reserve(int count)
    {
        Ensure(count);
        Span<byte> reserved = _buffer.Slice(_position, count);
        _position += count;
        return reserved;
    }

    private void Grow(int count)
    {
        _output.Advance(_position);
        _position = 0;
        _buffer = _output.GetSpan(count);
    }
}
