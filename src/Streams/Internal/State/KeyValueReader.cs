using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>Reads what a key-value store was at a commit.</summary>
internal sealed class KeyValueReader<TKey, TValue>(string name, IOrderedEntries<TKey, TValue> entries) : IReadOnlyKeyValueStore<TKey, TValue> where TKey : notnull
{
    public string Name => name;

    public int Count => entries.Count;

    public TValue? Get(TKey key) => TryGet(key, out TValue? value) ? value : default;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => entries.TryGet(key, out value);

    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) => entries.Range(from, to);

    public IEnumerable<KeyValuePair<TKey, TValue>> All() => entries.All();
}
