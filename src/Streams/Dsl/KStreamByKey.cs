using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>A stream's operators that need its records to have keys and equal ones to meet.</summary>
public static class KStreamByKey
{
    /// <summary>Puts records of equal key together.</summary>
    /// <exception cref="StreamsException">The keys were changed since the topic was read.</exception>
    public static KGroupedStream<TKey, TValue> GroupByKey<TKey, TValue>(this KStream<TKey, TValue> stream) where TKey : notnull
    {
        stream.RequireKeys("be grouped");
        return new KGroupedStream<TKey, TValue>(stream.Builder, stream.Node);
    }

    /// <summary>Looks up each record's key in a table; records without a match, key or value are dropped. Both topics need the same number of partitions.</summary>
    /// <param name="stream">Its records ask, and only they make results.</param>
    /// <param name="table">As it stands when the record's turn comes: records are taken in order of time.</param>
    /// <param name="joiner">Takes key, value and the table's value.</param>
    /// <exception cref="StreamsException">The keys were changed since the topic was read.</exception>
    public static KStream<TKey, TResult> Join<TKey, TValue, TTable, TResult>(
        this KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner)
        where TKey : notnull => JoinWith("KSTREAM-JOIN-", stream, table, joiner, left: false);

    /// <summary>Like <see cref="Join"/>, but a record without a match, or without a key, goes on with null in the table's place.</summary>
    /// <exception cref="StreamsException">The keys were changed since the topic was read, or the table's values have no null.</exception>
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
        stream.RequireKeys("be joined");
        TopologyNode<TKey, TResult> node = stream.Builder.Topology.AddProcessor(
            stream.Builder.NodeName(prefix), () => new StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(table.View, joiner, left), stream.Node);
        stream.Builder.Topology.ConnectProcessorAndStateStores(table.View.Store, node);
        return new KStream<TKey, TResult>(stream.Builder, node, keyChanged: false);
    }
}
