using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Assay.Avro;

/// <summary>Reads Avro's binary encoding (specification 1.12, "Binary Encoding") from memory. No method allocates more than a small multiple of the data's length.</summary>
/// <remarks>The data may be hostile: every length is compared with what is left before anything is made of it, and nesting and empty items have a limit.</remarks>
public ref partial struct AvroReader
{
    /// <summary>How deep recursive types may nest.</summary>
    public const int MaximumDepth = 256;

    /// <summary>How many array items that take no bytes (null, empty records) one message may hold.</summary>
    public const int MaximumEmptyItems = 65_536;

    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data;
    private readonly AvroStringCache? _strings;
    private int _position;
    private int _depth;
    private int _emptyItems;

    /// <param name="data">What to read.</param>
    /// <param name="strings">Where repeated strings are looked up; used by one thread at a time.</param>
    public AvroReader(ReadOnlySpan<byte> data, AvroStringCache? strings = null)
    {
        _data = data;
        _strings = strings;
    }

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _data.Length - _position;

    public bool ReadBoolean()
    {
        byte b = Take(1)[0];
        return b <= 1 ? b == 1 : throw new AvroException(_position - 1, $"a boolean is the byte 0 or 1, not {b}");
    }

    public int ReadInt()
    {
        long value = ReadLong();
        return value == (int)value ? (int)value : throw new AvroException(_position - 1, $"{value} does not fit an int");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadLong()
    {
        if ((uint)_position < (uint)_data.Length && _data[_position] is byte b and < 0x80)
        {
            _position++;
            return (b >> 1) ^ -(b & 1);
        }
        return ReadLongOfManyBytes();
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    /// <summary>A byte string, where it stands in the data.</summary>
    public ReadOnlySpan<byte> ReadBytes() => Take(ReadLength());

    /// <summary>A byte string of its own.</summary>
    public ReadOnlyMemory<byte> ReadMemory() => ReadBytes().ToArray();

    public string ReadString() => DecodeText(ReadBytes());

    /// <summary>A string that is likely to have been read before.</summary>
    public string ReadInternedString()
    {
        ReadOnlySpan<byte> utf8 = ReadBytes();
        return _strings is null || !_strings.TryGet(utf8, out string? known) ? Remember(utf8) : known;
    }

    /// <summary>Exactly <paramref name="size"/> bytes, where they stand in the data.</summary>
    public ReadOnlySpan<byte> ReadFixed(int size) => Take(size);

    /// <summary>Exactly <paramref name="size"/> bytes of their own.</summary>
    public ReadOnlyMemory<byte> ReadFixedMemory(int size) => Take(size).ToArray();

    /// <summary>The index of an enum's symbol or of a union's branch.</summary>
    /// <param name="count">How many there are.</param>
    public int ReadIndex(int count)
    {
        int start = _position;
        long index = ReadLong();
        return index >= 0 && index < count
            ? (int)index
            : throw new AvroException(start, $"the index {index} of a symbol or branch is outside 0 to {count - 1}");
    }

    /// <summary>The number of items of the next block of an array or map; 0 at its end.</summary>
    /// <param name="minimumItemSize">The fewest bytes an item can take.</param>
    public int ReadBlock(int minimumItemSize)
    {
        int start = _position;
        long count = ReadLong();
        if (count < 0)
        {
            ReadLength();
            count = count == long.MinValue ? long.MaxValue : -count;
        }
        if (minimumItemSize > 0 ? count > Remaining / minimumItemSize : count > MaximumEmptyItems - _emptyItems)
            throw new AvroException(start, $"a block of {count} items cannot stand in the {Remaining} bytes that are left");
        if (minimumItemSize == 0)
            _emptyItems += (int)count;
        return (int)count;
    }

    /// <summary>Called where a recursive type begins.</summary>
    public void Enter()
    {
        if (++_depth > MaximumDepth)
            throw new AvroException(_position, $"the data is nested deeper than {MaximumDepth}");
    }

    /// <summary>Called where a recursive type ends.</summary>
    public void Leave() => _depth--;

    /// <summary>As <see cref="Enter"/>, where the schema is not one's own; returns what <see cref="LeaveRecord"/> wants.</summary>
    internal int EnterRecord()
    {
        Enter();
        return _position;
    }

    /// <summary>Counts a record without bytes: a schema of a few lines can hold billions of them.</summary>
    internal void LeaveRecord(int start)
    {
        Leave();
        if (_position == start && ++_emptyItems > MaximumEmptyItems)
            throw new AvroException(start, $"the value holds more than {MaximumEmptyItems} empty records");
    }

    /// <exception cref="AvroException">Something is left.</exception>
    public readonly void ExpectEnd()
    {
        if (Remaining > 0)
            throw new AvroException(_position, $"{Remaining} bytes are left over after the value");
    }

    private int ReadLength()
    {
        int start = _position;
        long length = ReadLong();
        return length >= 0 && length <= Remaining
            ? (int)length
            : throw new AvroException(start, $"a length of {length} is given where {Remaining} bytes are left");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
            throw new AvroException(_position, $"the data ends; {count} bytes are expected and {Remaining} are left");
        ReadOnlySpan<byte> taken = _data.Slice(_position, count);
        _position += count;
        return taken;
    }

    private long ReadLongOfManyBytes()
    {
        int start = _position;
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position >= _data.Length)
                throw new AvroException(start, "the data ends within a number");
            byte b = _data[_position++];
            // The tenth byte has room for one bit.
            if (shift == 63 && b > 1)
                break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw new AvroException(start, "a number is longer than 64 bits");
    }

    private readonly string Remember(ReadOnlySpan<byte> utf8)
    {
        string text = DecodeText(utf8);
        _strings?.Add(utf8, text);
        return text;
    }

    private readonly string DecodeText(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new AvroException(_position - utf8.Length, "a string is not UTF-8");
        }
    }
}
