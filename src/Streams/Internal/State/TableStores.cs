namespace Assay.Streams.Internal.State;

/// <summary>The stores of tables, with the changelogs of Kafka Streams' timestamped stores.</summary>
internal static class TableStores
{
    public static StoreBuilder Table<TKey, TValue>(string name, Materialized<TKey, TValue> materialized) where TKey : notnull =>
        Stores.TimestampedKeyValueStore(name, materialized.KeySerde, materialized.ValueSerde);

    public static StoreBuilder Windows<TKey, TValue>(string name, long size, long retention, Materialized<TKey, TValue> materialized) where TKey : notnull =>
        new WindowStoreBuilder<TKey, ValueAndTimestamp<TValue>>(name, retention, size, retainDuplicates: false, materialized.KeySerde, new TimestampedSerde<TValue>(materialized.ValueSerde));
}
