using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>A stream's operators that need its records to have keys and equal ones to meet. Where keys were changed, records go through a repartition topic.</summary>
public static class KStreamByKey
{
    /// <summary>Puts records of equal key together.</summary>
    /// <param name="stream">Whose records.</param>
    /// <param name="grouped">Needed where the keys were changed and the stream's types too, so that how to write them is not known.</param>
    public static KGroupedStream<TKey, TValue> GroupByKey<TKey, TValue>(this KStream<TKey, TValue> stream, Grouped<TKey, TValue>? grouped = null) where TKey : notnull =>
        new(stream, grouped);

    /// <summary>Takes each record as an update of its key: a null value deletes it.</summary>
    /// <param name="stream">Whose records.</param>
    /// <param name="materialized">How the table is kept.</param>
    /// <param name="named">Names the node.</param>
    public static KTable<TKey, TValue> ToTable<TKey, TValue>(this KStream<TKey, TValue> stream, Materialized<TKey, TValue> materialized, Named? named = null) where TKey : notnull
    {
        StreamsBuilder builder = stream.Builder;
        string name = builder.NodeName("KSTREAM-TOTABLE-", named?.Name);
        string store = materialized.Name ?? builder.NodeName("KSTREAM-TOTABLE-STATE-STORE-");
        KStream<TKey, TValue> through = stream.KeyChanged ? stream.Through(name, null, materialized.KeySerde, materialized.ValueSerde) : stream;
        return builder.AddTable(name, store, name, through.Node, materialized);
    }
}
