using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>Makes store builders for <see cref="Topology.AddStateStore"/>. The serdes are those of the changelog <c>{application id}-{name}-changelog</c>, whose
/// bytes are those of Kafka Streams' stores.</summary>
public static class Stores
{
    /// <summary>A key-value store in memory.</summary>
    /// <param name="name">Its name, unique in its topology.</param>
    /// <param name="keySerde">For the changelog.</param>
    /// <param name="valueSerde">For the changelog.</param>
    /// <param name="order">Order of the keys in a range; null: the type's own, ordinal for text.</param>
    public static StoreBuilder KeyValueStore<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, IComparer<TKey>? order = null)
        where TKey : notnull => new KeyValueStoreBuilder<TKey, TValue>(name, keySerde, valueSerde, order);

    /// <summary>A key-value store whose values have a time, as tables keep them: an <c>IKeyValueStore&lt;TKey, ValueAndTimestamp&lt;TValue&gt;&gt;</c>.</summary>
    public static StoreBuilder TimestampedKeyValueStore<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
        where TKey : notnull => KeyValueStore(name, keySerde, new TimestampedSerde<TValue>(valueSerde));

    /// <summary>A window store in memory.</summary>
    /// <param name="name">Its name, unique in its topology.</param>
    /// <param name="retention">How long a window is kept in stream time since its start: at least the size.</param>
    /// <param name="windowSize">Of every window.</param>
    /// <param name="retainDuplicates">Whether several values with the same key and start are kept beside each other.</param>
    /// <param name="keySerde">For the changelog.</param>
    /// <param name="valueSerde">For the changelog.</param>
    /// <exception cref="StreamsException">The size is under a millisecond, or the retention shorter than the size.</exception>
    public static StoreBuilder WindowStore<TKey, TValue>(
        string name, TimeSpan retention, TimeSpan windowSize, bool retainDuplicates, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) where TKey : notnull =>
        new WindowStoreBuilder<TKey, TValue>(name, Milliseconds(retention), Milliseconds(windowSize), retainDuplicates, keySerde, valueSerde);

    /// <summary>A window store whose values have a time, as windowed aggregates keep them: an <c>IWindowStore&lt;TKey, ValueAndTimestamp&lt;TValue&gt;&gt;</c>.</summary>
    /// <inheritdoc cref="WindowStore"/>
    public static StoreBuilder TimestampedWindowStore<TKey, TValue>(
        string name, TimeSpan retention, TimeSpan windowSize, bool retainDuplicates, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) where TKey : notnull =>
        WindowStore(name, retention, windowSize, retainDuplicates, keySerde, new TimestampedSerde<TValue>(valueSerde));

    /// <summary>A session store in memory.</summary>
    /// <param name="name">Its name, unique in its topology.</param>
    /// <param name="retention">How long a session is kept in stream time since its end.</param>
    /// <param name="keySerde">For the changelog.</param>
    /// <param name="valueSerde">For the changelog.</param>
    /// <exception cref="StreamsException">The retention is negative.</exception>
    public static StoreBuilder SessionStore<TKey, TValue>(string name, TimeSpan retention, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
        where TKey : notnull => new SessionStoreBuilder<TKey, TValue>(name, Milliseconds(retention), keySerde, valueSerde);

    /// <summary>A versioned key-value store in memory.</summary>
    /// <param name="name">Its name, unique in its topology.</param>
    /// <param name="historyRetention">How far back from stream time old versions can be read.</param>
    /// <param name="gracePeriod">How far back from stream time versions are still taken: at most <paramref name="historyRetention"/>; null: just that.</param>
    /// <param name="keySerde">For the changelog.</param>
    /// <param name="valueSerde">For the changelog.</param>
    /// <exception cref="StreamsException">A time is negative, or the grace longer than the retention.</exception>
    public static StoreBuilder VersionedKeyValueStore<TKey, TValue>(
        string name, TimeSpan historyRetention, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimeSpan? gracePeriod = null) where TKey : notnull =>
        new VersionedStoreBuilder<TKey, TValue>(name, Milliseconds(historyRetention), Milliseconds(gracePeriod ?? historyRetention), keySerde, valueSerde);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
