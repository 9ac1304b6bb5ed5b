using System.Buffers;
using System.Globalization;

namespace Assay.Streams.Internal.State;

internal sealed class VersionedStoreBuilder<TKey, TValue> : StoreBuilder where TKey : notnull
{
    private const long Day = 86_400_000;
    private readonly long _historyRetention;
    private readonly long _grace;
    private readonly StoreFormat<VersionKey<TKey>, Version<TValue>> _format;

    public VersionedStoreBuilder(string name, long historyRetention, long grace, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) : base(name)
    {
        if (historyRetention < 0 || grace < 0)
            throw new StreamsException($"Store '{name}' keeps history for {historyRetention} ms with a grace of {grace} ms: neither must be negative.");
        if (grace > historyRetention)
            throw new StreamsException($"Store '{name}' has a grace of {grace} ms: it must be at most the history retention, {historyRetention} ms.");
        _historyRetention = historyRetention;
        _grace = grace;
        IComparer<TKey> keys = KeyOrder.Of(keySerde);
        _format = new StoreFormat<VersionKey<TKey>, Version<TValue>>(new VersionKeySerde<TKey>(keySerde), new VersionSerde<TValue>(valueSerde), Comparer<VersionKey<TKey>>.Create((x, y) =>
        {
            int order = keys.Compare(x.Key, y.Key);
            return order != 0 ? order : x.ValidFrom.CompareTo(y.ValidFrom);
        }))
        { Time = static key => key.ValidFrom, IsTombstone = static version => !version.Exists };
    }

    /// <summary>As Kafka Streams does: compaction waits until nobody can ask for a version that it takes away, and a day more.</summary>
    internal override IEnumerable<KeyValuePair<string, string>> ChangelogConfig =>
        [new("min.compaction.lag.ms", (_historyRetention + Day).ToString(CultureInfo.InvariantCulture))];

    internal override ManagedStore Build(StoreContext context) => new VersionedStore<TKey, TValue>(Core(context, _format), context.Clock, _historyRetention, _grace);
}

/// <summary>A value, or the mark of a deletion.</summary>
internal readonly record struct Version<TValue>(TValue Value, bool Exists);

internal sealed class VersionSerde<TValue>(ISerde<TValue> inner) : ISerde<Version<TValue>>
{
    public void Serialize(Version<TValue> value, IBufferWriter<byte> to, in SerdeContext context) => inner.Serialize(value.Value, to, in context);

    public Version<TValue> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => new(inner.Deserialize(bytes, in context), Exists: true);
}

/// <summary>Versions by key and time, deletions among them. A version ends where the next of its key begins.</summary>
/// <remarks>
/// A version that ended before stream time − history retention can't be read any more and is forgotten at a flush: when the version after it comes out of
/// the history. The changelog holds the versions with their times as the records' timestamps; compaction keeps the last record of a key, so
/// after one out of order the latest version is written again.
/// </remarks>
internal sealed class VersionedStore<TKey, TValue>(StoreCore<VersionKey<TKey>, Version<TValue>> core, IStreamClock clock, long historyRetention, long grace)
    : ManagedStore(core.Name, core.ChangelogTopic), IVersionedKeyValueStore<TKey, TValue> where TKey : notnull
{
    /// <summary>Whatever ended before is forgotten.</summary>
    private long _forgotten = long.MinValue;

    private long OldestReadable => clock.StreamTime - historyRetention;

    public VersionedRecord<TValue>? Get(TKey key) => Get(key, long.MaxValue);

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        if (!TryLast(key, asOf, out KeyValuePair<VersionKey<TKey>, Version<TValue>> found) || !found.Value.Exists)
            return null;
        long? end = EndOf(found.Key);
        // What is left of the history before that may be more than the contract says, depending on the last flush.
        return end is not null && asOf < OldestReadable ? null : new VersionedRecord<TValue>(found.Value.Value, found.Key.ValidFrom, end);
    }

    public IEnumerable<VersionedRecord<TValue>> Get(TKey key, long from, long to)
    {
        if (from > to)
            yield break;
        // The version that was valid at the beginning, and all that begin later.
        VersionKey<TKey> first = TryLast(key, from, out KeyValuePair<VersionKey<TKey>, Version<TValue>> atStart) ? atStart.Key : new VersionKey<TKey>(key, from);
        foreach ((VersionKey<TKey> version, Version<TValue> value) in core.Range(first, new VersionKey<TKey>(key, to)))
        {
            long? end = value.Exists ? EndOf(version) : null;
            if (value.Exists && !(end <= OldestReadable))
                yield return new VersionedRecord<TValue>(value.Value, version.ValidFrom, end);
        }
    }

    public bool Put(TKey key, TValue? value, long timestamp) =>
        Put(new VersionKey<TKey>(key, timestamp), value is null ? default : new Version<TValue>(value, Exists: true));

    public VersionedRecord<TValue>? Delete(TKey key, long timestamp)
    {
        VersionedRecord<TValue>? before = Get(key, timestamp);
        return Put(new VersionKey<TKey>(key, timestamp), default) ? before : null;
    }

    public override void Restore(RawBytes key, RawBytes value, long timestamp) => core.Restore(key, value, timestamp);

    public override void Flush(IChangelog? changelog)
    {
        core.Flush(changelog);
        long oldest = OldestReadable;
        // Nothing is put before the oldest readable time any more, so each version is looked at once.
        foreach ((VersionKey<TKey> version, Version<TValue> value) in core.RangeByTime(_forgotten, oldest))
        {
            if (TryLast(version.Key, version.ValidFrom - 1, out KeyValuePair<VersionKey<TKey>, Version<TValue>> before))
                core.Forget(before.Key);
            if (!value.Exists)
                core.Forget(version);
        }
        _forgotten = Math.Max(_forgotten, oldest);
    }

    private bool Put(VersionKey<TKey> version, Version<TValue> value)
    {
        if (version.ValidFrom < clock.StreamTime - grace)
            return false;
        core.Put(version, value);
        if (TryLast(version.Key, long.MaxValue, out KeyValuePair<VersionKey<TKey>, Version<TValue>> latest) && latest.Key.ValidFrom > version.ValidFrom)
            core.Put(latest.Key, latest.Value);
        return true;
    }

    private bool TryLast(TKey key, long asOf, out KeyValuePair<VersionKey<TKey>, Version<TValue>> last) =>
        core.TryLast(new VersionKey<TKey>(key, long.MinValue), new VersionKey<TKey>(key, asOf), out last);

    private long? EndOf(VersionKey<TKey> version)
    {
        foreach ((VersionKey<TKey> next, _) in core.Range(version with { ValidFrom = version.ValidFrom + 1 }, version with { ValidFrom = long.MaxValue }))
            return next.ValidFrom;
        return null;
    }
}
