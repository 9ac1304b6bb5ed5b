using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Assay.Avro;

/// <summary>Short strings read before, found by their UTF-8 bytes, so that a pair's or a source's name is one object however often it is read.</summary>
/// <remarks>A fixed number of slots; a string displaces another of the same slot. Used by one thread at a time.</remarks>
public sealed class AvroStringCache
{
    /// <summary>2^10, as <see cref="Slot"/> takes ten bits.</summary>
    private const int Slots = 1024;
    private const int MaximumLength = 64;

    private readonly (byte[] Utf8, string Text)[] _slots = new (byte[], string)[Slots];

    internal bool TryGet(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text)
    {
        (byte[] known, text) = _slots[Slot(utf8)];
        return text is not null && utf8.SequenceEqual(known);
    }

    internal void Add(ReadOnlySpan<byte> utf8, string text)
    {
        if (utf8.Length <= MaximumLength)
            _slots[Slot(utf8)] = (utf8.ToArray(), text);
    }

    /// <summary>From the length and both ends: a bad choice only costs a decoding.</summary>
    private static int Slot(ReadOnlySpan<byte> utf8)
    {
        ulong ends = utf8.Length >= sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64LittleEndian(utf8) ^ BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]), 19)
            : Short(utf8);
        // The golden ratio's multiple spreads the bits upwards; the highest ones choose.
        return (int)(((ends + (ulong)utf8.Length) * 0x9E3779B97F4A7C15) >> 54);
    }

    private static ulong Short(ReadOnlySpan<byte> utf8)
    {
        ulong value = 0;
        foreach (byte b in utf8)
            value = (value << 8) | b;
        return value;
    }
}
