using System.Buffers;
using System.Globalization;
using Assay.Streams.Internal.Persistence;

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
        { Layout = KeyLayout.Of(keySerde, suffix: sizeof(long)), Time = static key => key.ValidFrom, IsTombstone = static version => !version.Exists };
    }

    /// <summary>As Kafka Streams does: compaction waits until nobody can ask for a version that it takes away, and a day more.</summary>
    internal override IEnumerable<KeyValuePair<string, string>> ChangelogConfig =>
        [new("min.compaction.lag.ms", (_historyRetention + Day).ToString(CultureInfo.InvariantCulture))];

    public StoreFormat<VersionKey<TKey>, Version<TValue>> Format => _format;

    internal override string Description => $"a versioned key-value store of {typeof(TKey)} and {typeof(TValue)}";

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
internal sealed class VersionedStore<TKey, TValue> : ManagedStore, IVersionedKeyValueStore<TKey, TValue> where TKey : notnull
{
    private readonly StoreCore<VersionKey<TKey>, Version<TValue>> _core;
    private readonly VersionedReader<TKey, TValue> _reader;
    private readonly IStreamClock _clock;
    private readonly long _historyRetention;
    private readonly long _grace;

    /// <summary>Whatever ended before is forgotten.</summary>
    private long _forgotten = long.MinValue;

    public VersionedStore(StoreCore<VersionKey<TKey>, Version<TValue>> core, IStreamClock clock, long historyRetention, long grace) : base(core.Name, core.ChangelogTopic)
    {
        _core = core;
        _reader = new VersionedReader<TKey, TValue>(core.Name, core, () => OldestReadable);
        _clock = clock;
        _historyRetention = historyRetention;
        _grace = grace;
    }

    private long OldestReadable => _clock.StreamTime - _historyRetention;

    public VersionedRecord<TValue>? Get(TKey key) => _reader.Get(key);

    public VersionedRecord<TValue>? Get(TKey key, long asOf) => _reader.Get(key, asOf);

    public IEnumerable<VersionedRecord<TValue>> Get(TKey key, long from, long to) => _reader.Get(key, from, to);

    public bool Put(TKey key, TValue? value, long timestamp) =>
        Put(new VersionKey<TKey>(key, timestamp), value is null ? default : new Version<TValue>(value, Exists: true));

    /// <summary>Whether a key has neither a version nor a deletion later than that.</summary>
    public bool IsLatest(TKey key, long timestamp) =>
        !TryLast(key, long.MaxValue, out KeyValuePair<VersionKey<TKey>, Version<TValue>> last) || last.Key.ValidFrom <= timestamp;

    public VersionedRecord<TValue>? Delete(TKey key, long timestamp)
    {
        VersionedRecord<TValue>? before = Get(key, timestamp);
        return Put(new VersionKey<TKey>(key, timestamp), default) ? before : null;
    }

    public override IPersistentStore? Persistence => _core.Persistence;

    public override void Restore(RawBytes key, RawBytes value, long timestamp) => _core.Restore(key, value, timestamp);

    public override void Flush(IChangelog? changelog)
    {
        _core.Flush(changelog);
        long oldest = OldestReadable;
        // Nothing is put before the oldest readable time any more, so each version is looked at once.
        foreach ((VersionKey<TKey> version, Version<TValue> value) in _core.RangeByTime(_forgotten, oldest))
        {
            if (TryLast(version.Key, version.ValidFrom - 1, out KeyValuePair<VersionKey<TKey>, Version<TValue>> before))
                _core.Forget(before.Key);
            if (!value.Exists)
                _core.Forget(version);
        }
        _forgotten = Math.Max(_forgotten, oldest);
    }

    public override object? Publish() => _core.Publish();

    private bool Put(VersionKey<TKey> version, Version<TValue> value)
    {
        if (version.ValidFrom < _clock.StreamTime - _grace)
            return false;
        _core.Put(version, value);
        if (TryLast(version.Key, long.MaxValue, out KeyValuePair<VersionKey<TKey>, Version<TValue>> latest) && latest.Key.ValidFrom > version.ValidFrom)
            _core.Put(latest.Key, latest.Value);
        return true;
    }

    private bool TryLast(TKey key, long asOf, out KeyValuePair<VersionKey<TKey>, Version<TValue>> last) => VersionedReader<TKey, TValue>.TryLast(_core, key, asOf, out last);
}
