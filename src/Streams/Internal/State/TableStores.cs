namespace Assay.Streams.Internal.State;

/// <summary>The stores of tables, with the changelogs of Kafka Streams' timestamped stores.</summary>
internal static class TableStores
{
    /// <exception cref="StreamsException">It is to be versioned.</exception>
    public static StoreBuilder Table<TKey, TValue>(string name, Materialized<TKey, TValue> materialized) where TKey : notnull => materialized.HistoryRetention is null
        ? Stores.TimestampedKeyValueStore(name, materialized.KeySerde, materialized.ValueSerde)
        : throw new StreamsException($"The table kept in '{name}' is to be versioned, but it is computed: only a table made of a topic or stream of updates can be; leave HistoryRetention out.");

    public static StoreBuilder Windows<TKey, TValue>(string name, long size, long retention, Materialized<TKey, TValue> materialized) where TKey : notnull =>
        new WindowStoreBuilder<TKey, ValueAndTimestamp<TValue>>(name, retention, size, retainDuplicates: false, materialized.KeySerde, new TimestampedSerde<TValue>(materialized.ValueSerde));
}
