using System.Diagnostics.CodeAnalysis;

namespace Assay.Avro;

/// <summary>Short strings read before, found by their UTF-8 bytes, so that a pair's or a source's name is one object however often it is read.</summary>
/// <remarks>A fixed number of slots; a string displaces another of the same slot. Used by one thread at a time.</remarks>
public sealed class AvroStringCache
{
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

    private static int Slot(ReadOnlySpan<byte> utf8)
    {
        HashCode hash = default;
        hash.AddBytes(utf8.Length <= MaximumLength ? utf8 : utf8[..MaximumLength]);
        return hash.ToHashCode() & (Slots - 1);
    }
}
