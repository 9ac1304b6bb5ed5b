using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams;

/// <summary>State that a task keeps and, unless logging is off, finds again after a restart through a changelog topic.</summary>
public interface IStateStore
{
    string Name { get; }
}

/// <summary>A key-value store, to be read.</summary>
public interface IReadOnlyKeyValueStore<TKey, TValue> : IStateStore where TKey : notnull
{
    /// <summary>How many keys it holds.</summary>
    int Count { get; }

    /// <summary>The value of a key; default where there is none.</summary>
    TValue? Get(TKey key);

    bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value);

    /// <summary>Entries with <paramref name="from"/> ≤ key ≤ <paramref name="to"/> in key order. The store may change meanwhile: keys not yet reached are seen as they then are.</summary>
    IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to);

    /// <summary>All entries in key order.</summary>
    IEnumerable<KeyValuePair<TKey, TValue>> All();
}

/// <summary>A key-value store. Values are kept as the objects given and serialized only for the changelog, once per changed key and commit.</summary>
/// <remarks>So a value may be changed in place: a <see cref="Put"/> of the same object afterwards marks it as changed. What is changed without
/// a Put is lost with the process.</remarks>
public interface IKeyValueStore<TKey, TValue> : IReadOnlyKeyValueStore<TKey, TValue> where TKey : notnull
{
    /// <summary>How often the changes went to the changelog, once per commit. While it stays the same, an object that was put once may be changed in place again without another
    /// Put: it is written as it then is.</summary>
    int Flushes { get; }

    /// <summary>Sets a key's value; null deletes it.</summary>
    void Put(TKey key, TValue? value);

    /// <summary>Removes a key; false where it was not there.</summary>
    bool Delete(TKey key);
}

public static class KeyValueStoreExtensions
{
    /// <summary>Entries whose key starts with <paramref name="prefix"/>, in ordinal order.</summary>
    public static IEnumerable<KeyValuePair<string, TValue>> PrefixScan<TValue>(this IReadOnlyKeyValueStore<string, TValue> store, string prefix)
    {
        // No character sorts after U+FFFF, and it is no character itself: the bound holds every continuation.
        foreach (KeyValuePair<string, TValue> entry in store.Range(prefix, prefix + '\uffff'))
        {
            if (entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                yield return entry;
        }
    }
}
