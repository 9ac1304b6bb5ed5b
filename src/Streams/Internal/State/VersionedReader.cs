namespace Assay.Streams.Internal.State;

/// <summary>Reads versions from a core, or from what it was at a commit.</summary>
/// <param name="name">The store's.</param>
/// <param name="entries">By key and time, deletions among them.</param>
/// <param name="oldestReadable">The earliest time of the history; null: all that is there is readable.</param>
internal sealed class VersionedReader<TKey, TValue>(string name, IOrderedEntries<VersionKey<TKey>, Version<TValue>> entries, Func<long>? oldestReadable = null)
    : IReadOnlyVersionedKeyValueStore<TKey, TValue> where TKey : notnull
{
    public string Name => name;

    private long OldestReadable => oldestReadable?.Invoke() ?? long.MinValue;

    public VersionedRecord<TValue>? Get(TKey key) => Get(key, long.MaxValue);

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        IOrderedEntries<VersionKey<TKey>, Version<TValue>> now = entries.Pin();
        if (!TryLast(now, key, asOf, out KeyValuePair<VersionKey<TKey>, Version<TValue>> found) || !found.Value.Exists)
            return null;
        long? end = asOf == long.MaxValue ? null : EndOf(now, found.Key);
        // What is left of the history before that may be more than is promised, depending on the last flush.
        return end is not null && asOf < OldestReadable ? null : new VersionedRecord<TValue>(found.Value.Value, found.Key.ValidFrom, end);
    }

    public IEnumerable<VersionedRecord<TValue>> Get(TKey key, long from, long to)
    {
        if (from > to)
            yield break;
        IOrderedEntries<VersionKey<TKey>, Version<TValue>> now = entries.Pin();
        // The version that was valid at the beginning, and all that begin later.
        VersionKey<TKey> first = TryLast(now, key, from, out KeyValuePair<VersionKey<TKey>, Version<TValue>> atStart) ? atStart.Key : new VersionKey<TKey>(key, from);
        foreach ((VersionKey<TKey> version, Version<TValue> value) in now.Range(first, new VersionKey<TKey>(key, to)))
        {
            long? end = value.Exists ? EndOf(now, version) : null;
            if (value.Exists && !(end <= OldestReadable))
                yield return new VersionedRecord<TValue>(value.Value, version.ValidFrom, end);
        }
    }

    public static bool TryLast(
        IOrderedEntries<VersionKey<TKey>, Version<TValue>> entries, TKey key, long asOf, out KeyValuePair<VersionKey<TKey>, Version<TValue>> last) =>
        entries.TryLast(new VersionKey<TKey>(key, long.MinValue), new VersionKey<TKey>(key, asOf), out last);

    private static long? EndOf(IOrderedEntries<VersionKey<TKey>, Version<TValue>> entries, VersionKey<TKey> version)
    {
        foreach ((VersionKey<TKey> next, _) in entries.Range(version with { ValidFrom = version.ValidFrom + 1 }, version with { ValidFrom = long.MaxValue }))
            return next.ValidFrom;
        return null;
    }
}
