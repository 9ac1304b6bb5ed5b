using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

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
        TopologyNode<TKey, Change<TValue>> node = builder.Topology.AddProcessor(name, () => new TableSourceProcessor<TKey, TValue>(store, name), through.Node);
        builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
        return new KTable<TKey, TValue>(builder, node, TableView<TKey, TValue>.Of(store), materialized.KeySerde, materialized.ValueSerde);
    }

    /// <summary>Looks up each record's key in a table; records without a match, key or value are dropped. Both topics need the same number of partitions.</summary>
    /// <param name="stream">Its records ask, and only they make results.</param>
    /// <param name="table">As it stands when the record's turn comes: records are taken in order of time.</param>
    /// <param name="joiner">Takes key, value and the table's value.</param>
    public static KStream<TKey, TResult> Join<TKey, TValue, TTable, TResult>(
        this KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner)
        where TKey : notnull => JoinWith("KSTREAM-JOIN-", stream, table, joiner, left: false);

    /// <summary>Like <see cref="Join"/>, but a record without a match, or without a key, goes on with null in the table's place.</summary>
    /// <exception cref="StreamsException">The table's values have no null.</exception>
    public static KStream<TKey, TResult> LeftJoin<TKey, TValue, TTable, TResult>(
        this KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable?, TResult> joiner) where TKey : notnull
    {
        if (!Nulls.In<TTable>())
            throw new StreamsException($"A left join takes a table of {typeof(TTable)}, which has no null for a missing value: map it to its nullable type first.");
        return JoinWith("KSTREAM-LEFTJOIN-", stream, table, joiner, left: true);
    }

    private static KStream<TKey, TResult> JoinWith<TKey, TValue, TTable, TResult>(
        string prefix, KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, bool left) where TKey : notnull
    {
        KStream<TKey, TValue> met = stream.RepartitionForJoin(null, table.KeySerde, null);
        TopologyNode<TKey, TResult> node = stream.Builder.Topology.AddProcessor(
            stream.Builder.NodeName(prefix), () => new StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(table.View, joiner, left), met.Node);
        stream.Builder.Topology.ConnectProcessorAndStateStores(table.View.Store, node);
        return new KStream<TKey, TResult>(stream.Builder, node, keyChanged: false, met.KeySerde);
    }
}
