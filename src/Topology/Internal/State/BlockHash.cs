using System.Buffers;
using System.Buffers.Binary;

namespace Assay.Topology.Internal.State;

/// <summary>A block's hash. The usual form, 0x and 64 lower-case hexadecimal digits, is kept as the 32 bytes that it stands for, a quarter of its text; any other as it came.</summary>
internal readonly record struct BlockHash : IComparable<BlockHash>
{
    private const string Prefix = "0x";
    private const int Bytes = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    // Most significant first.
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>Null: the usual form.</summary>
    private readonly string? _text;

    public BlockHash(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan(Math.Min(Prefix.Length, text.Length));
        if (digits.Length != 2 * Bytes || !text.StartsWith(Prefix, StringComparison.Ordinal) || digits.ContainsAnyExcept(Digits))
        {
            _text = text;
            return;
        }
        Span<byte> bytes = stackalloc byte[Bytes];
        Convert.FromHexString(digits, bytes, out _, out _);
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>By the texts' ordinal order, which is that of the numbers where both have the usual form.</summary>
    public int CompareTo(BlockHash other)
    {
        if (_text is not null || other._text is not null)
            return string.CompareOrdinal(ToString(), other.ToString());
        int order = _first.CompareTo(other._first);
        if (order == 0)
            order = _second.CompareTo(other._second);
        if (order == 0)
            order = _third.CompareTo(other._third);
        return order != 0 ? order : _fourth.CompareTo(other._fourth);
    }

    /// <summary>As it came.</summary>
    public override string ToString()
    {
        if (_text is not null)
            return _text;
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _first);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], _fourth);
        return Prefix + Convert.ToHexStringLower(bytes);
    }
}
