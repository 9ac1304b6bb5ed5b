using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>How a stream is joined with a table.</summary>
/// <param name="KeySerde">For a repartition topic where keys were changed, and for the buffer of a grace period.</param>
/// <param name="ValueSerde">The same, for the stream's values.</param>
public sealed record Joined<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <summary>The node's name; a repartition topic is <c>{application id}-{name}-repartition</c>, a buffer's store <c>{name}-Buffer</c>. Null: names are made.</summary>
    public string? Name { get; init; }

    /// <summary>How long a record waits, in stream time since its own, for updates of the table that come late; at most the table's history. Null: it is joined when it comes. Only with a versioned table.</summary>
    public TimeSpan? GracePeriod { get; init; }
}

/// <summary>Joins of a stream with a table.</summary>
/// <remarks>Each record of the stream looks its key up, and only it makes a result, with the later time of both. A versioned table (<see cref="Materialized{TKey, TValue}.HistoryRetention"/>) is
/// asked for the value in force at the record's own time, another for its present one. Both topics need the same number of partitions.</remarks>
public static class KStreamTableJoins
{
    /// <summary>A result for each record that finds a value; records without a match, key or value are dropped.</summary>
    /// <param name="stream">Its records ask.</param>
    /// <param name="table">As it stands when the record's turn comes: records are taken in order of time.</param>
    /// <param name="joiner">Takes key, value and the table's value.</param>
    /// <param name="joined">Null: as the stream and the table are written, without grace.</param>
    /// <exception cref="StreamsException">A grace period is asked of a table that is not versioned or whose history is shorter; or the keys were changed and how to write the values is not known.</exception>
    public static KStream<TKey, TResult> Join<TKey, TValue, TTable, TResult>(
        this KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, Joined<TKey, TValue>? joined = null)
        where TKey : notnull => Join("KSTREAM-JOIN-", stream, table, joiner, joined, left: false);

    /// <summary>A result for each record; one without a match, or without a key, goes on with null in the table's place, one without value is dropped.</summary>
    /// <inheritdoc cref="Join{TKey, TValue, TTable, TResult}(KStream{TKey, TValue}, KTable{TKey, TTable}, Func{TKey, TValue, TTable, TResult}, Joined{TKey, TValue}?)"/>
    /// <exception cref="StreamsException">The table's values have no null; or as for an inner join.</exception>
    public static KStream<TKey, TResult> LeftJoin<TKey, TValue, TTable, TResult>(
        this KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable?, TResult> joiner, Joined<TKey, TValue>? joined = null) where TKey : notnull
    {
        Nulls.RequireIn<TTable>("left join");
        return Join("KSTREAM-LEFTJOIN-", stream, table, joiner, joined, left: true);
    }

    private static KStream<TKey, TResult> Join<TKey, TValue, TTable, TResult>(
        string prefix, KStream<TKey, TValue> stream, KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, Joined<TKey, TValue>? joined, bool left)
        where TKey : notnull
    {
        Topology topology = stream.Builder.Topology;
        KStream<TKey, TValue> met = stream.RepartitionForJoin(joined?.Name, joined?.KeySerde ?? table.KeySerde, joined?.ValueSerde);
        string name = stream.Builder.NodeName(prefix, joined?.Name);
        TopologyNode<TKey, TResult> node;
        // Without grace a record is joined when it comes.
        if (joined is { GracePeriod: { } grace } && grace != TimeSpan.Zero)
        {
            if (grace < TimeSpan.Zero || table.View.History is not { } history || grace > history)
            {
                throw new StreamsException(
                    $"The join '{name}' waits {grace} for late updates of its table, which {(table.View.History is { } kept ? $"keeps its history for {kept}" : "is not versioned")}: " +
                    "the wait must not be negative, and the table's HistoryRetention at least as long.");
            }
            string buffer = name + "-Buffer";
            node = topology.AddProcessor(
                name, () => new BufferedStreamTableJoinProcessor<TKey, TValue, TTable, TResult>(table.View, joiner, left, buffer, (long)grace.TotalMilliseconds), met.Node);
            topology.AddStateStore(Stores.WindowStore(
                buffer, grace, TimeSpan.FromMilliseconds(1), retainDuplicates: true, joined.KeySerde, new BufferedSerde<TValue>(joined.ValueSerde)), node);
        }
        else
            node = topology.AddProcessor(name, () => new StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(table.View, joiner, left), met.Node);
        table.View.Connect(topology, node);
        return new KStream<TKey, TResult>(stream.Builder, node, keyChanged: false, met.KeySerde);
    }
}
