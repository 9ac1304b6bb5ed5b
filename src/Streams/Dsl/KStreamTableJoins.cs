using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>Joins of a stream with a table.</summary>
public static class KStreamTableJoins
{
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
        Nulls.RequireIn<TTable>("left join");
        return JoinWith("KSTREAM-LEFTJOIN-", stream, table, joiner, left: true);
    }

    private static KStream<TKey, TResult> JoinWith<TKey, TValue, TTable, TResult>(
        string prefix, KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, bool left) where TKey : notnull
    {
        KStream<TKey, TValue> met = stream.RepartitionForJoin(null, table.KeySerde, null);
        TopologyNode<TKey, TResult> node = stream.Builder.Topology.AddProcessor(
            stream.Builder.NodeName(prefix), () => new StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(table.View, joiner, left), met.Node);
        table.View.Connect(stream.Builder.Topology, node);
        return new KStream<TKey, TResult>(stream.Builder, node, keyChanged: false, met.KeySerde);
    }
}
