using System.Buffers;

namespace Assay.Streams.Internal.State;

/// <summary>The order of keys where none is given: the type's own, ordinal for text, else that of their bytes.</summary>
internal static class KeyOrder
{
    public static IComparer<TKey> Of<TKey>(ISerde<TKey> serde) =>
        typeof(TKey) == typeof(string) ? (IComparer<TKey>)(object)StringComparer.Ordinal
        : typeof(IComparable<TKey>).IsAssignableFrom(typeof(TKey)) ? Comparer<TKey>.Default
        : Comparer<TKey>.Create((x, y) => Bytes(serde, x).SequenceCompareTo(Bytes(serde, y)));

    private static ReadOnlySpan<byte> Bytes<TKey>(ISerde<TKey> serde, TKey key)
    {
        ArrayBufferWriter<byte> bytes = new();
        serde.Serialize(key, bytes, new SerdeContext("", IsKey: true));
        return bytes.WrittenSpan;
    }
}
