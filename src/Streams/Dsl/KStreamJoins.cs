using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>Joins of two streams, record by record, within a window of time. Both topics need the same number of partitions.</summary>
/// <remarks>
/// Every pair of records with one key and times as <see cref="JoinWindows"/> says is joined once, whichever came first, duplicates each for themselves; the result has
/// the later time of both. A record's window is closed when stream time is past its end by more than the grace. In a left or outer join a record that then has
/// met none goes out with null in the other's place, at once and once; afterwards it is joined no more. Where records that meet none are dropped, they can be met until stream time is past them by the whole
/// window and the grace. A record that comes when its own time is over is dropped and logged, as are records without value; so are those without key, but
/// where they would go out alone, they do, at once.
/// </remarks>
public static class KStreamJoins
{
    /// <summary>A result for each pair that meets.</summary>
    /// <param name="stream">The left stream.</param>
    /// <param name="other">The right stream; may be the left one.</param>
    /// <param name="joiner">Takes key and both values.</param>
    /// <param name="windows">How far apart a pair may be.</param>
    /// <param name="joined">How the records are kept.</param>
    public static KStream<TKey, TResult> Join<TKey, TLeft, TRight, TResult>(
        this KStream<TKey, TLeft> stream, KStream<TKey, TRight> other, Func<TKey, TLeft, TRight, TResult> joiner, JoinWindows windows,
        StreamJoined<TKey, TLeft, TRight> joined) where TKey : notnull => Join(stream, other, joiner, windows, joined, JoinKind.Inner);

    /// <summary>A result for each pair that meets, and one for each left record that meets none.</summary>
    /// <inheritdoc cref="Join{TKey, TLeft, TRight, TResult}(KStream{TKey, TLeft}, KStream{TKey, TRight}, Func{TKey, TLeft, TRight, TResult}, JoinWindows, StreamJoined{TKey, TLeft, TRight})"/>
    /// <exception cref="StreamsException">The right values have no null.</exception>
    public static KStream<TKey, TResult> LeftJoin<TKey, TLeft, TRight, TResult>(
        this KStream<TKey, TLeft> stream, KStream<TKey, TRight> other, Func<TKey, TLeft, TRight?, TResult> joiner, JoinWindows windows,
        StreamJoined<TKey, TLeft, TRight> joined) where TKey : notnull
    {
        Nulls.RequireIn<TRight>("left join");
        return Join(stream, other, joiner, windows, joined, JoinKind.Left);
    }

    /// <summary>A result for each pair that meets, and one for each record of either side that meets none.</summary>
    /// <inheritdoc cref="Join{TKey, TLeft, TRight, TResult}(KStream{TKey, TLeft}, KStream{TKey, TRight}, Func{TKey, TLeft, TRight, TResult}, JoinWindows, StreamJoined{TKey, TLeft, TRight})"/>
    /// <exception cref="StreamsException">The values of either side have no null.</exception>
    public static KStream<TKey, TResult> OuterJoin<TKey, TLeft, TRight, TResult>(
        this KStream<TKey, TLeft> stream, KStream<TKey, TRight> other, Func<TKey, TLeft?, TRight?, TResult> joiner, JoinWindows windows,
        StreamJoined<TKey, TLeft, TRight> joined) where TKey : notnull
    {
        Nulls.RequireIn<TLeft>("outer join");
        Nulls.RequireIn<TRight>("outer join");
        return Join(stream, other, joiner, windows, joined, JoinKind.Outer);
    }

    private static KStream<TKey, TResult> Join<TKey, TLeft, TRight, TResult>(
        KStream<TKey, TLeft> stream, KStream<TKey, TRight> other, Func<TKey, TLeft, TRight, TResult> joiner, JoinWindows windows,
        StreamJoined<TKey, TLeft, TRight> joined, JoinKind kind) where TKey : notnull
    {
        StreamsBuilder builder = stream.Builder;
        string? name = joined.Name;
        KStream<TKey, TLeft> left = stream.RepartitionForJoin(name is null ? null : name + "-left", joined.KeySerde, joined.LeftSerde);
        KStream<TKey, TRight> right = other.RepartitionForJoin(name is null ? null : name + "-right", joined.KeySerde, joined.RightSerde);

        string thisSuffix = kind == JoinKind.Outer ? "-outer-this-join" : "-this-join";
        string otherSuffix = kind == JoinKind.Inner ? "-other-join" : "-outer-other-join";
        string thisWindowed = builder.NodeName("KSTREAM-WINDOWED-", Suffixed(name, "-this-windowed"));
        string otherWindowed = builder.NodeName("KSTREAM-WINDOWED-", Suffixed(name, "-other-windowed"));
        // Stores without a name of their own are named after the nodes' numbers, also where the nodes have names.
        string thisNumbered = builder.NodeName(kind == JoinKind.Outer ? "KSTREAM-OUTERTHIS-" : "KSTREAM-JOINTHIS-");
        string otherNumbered = builder.NodeName(kind == JoinKind.Inner ? "KSTREAM-JOINOTHER-" : "KSTREAM-OUTEROTHER-");
        string merge = builder.NodeName("KSTREAM-MERGE-", Suffixed(name, "-merge"));
        string shared = joined.StoreName is { } store
            ? store + (kind == JoinKind.Outer ? "-outer-shared-join-store" : "-left-shared-join-store")
            : "KSTREAM-OUTERSHARED-" + thisNumbered[(thisNumbered.LastIndexOf('-') + 1)..] + "-store";

        StreamJoin<TKey, TLeft, TRight, TResult> join = new(
            windows, kind, (Suffixed(joined.StoreName, thisSuffix) ?? thisNumbered) + "-store", (Suffixed(joined.StoreName, otherSuffix) ?? otherNumbered) + "-store", shared, joiner);
        Topology topology = builder.Topology;
        TopologyNode<TKey, TLeft> keepLeft = topology.AddProcessor(thisWindowed, () => new JoinWindowProcessor<TKey, TLeft>(join.LeftStore), left.Node);
        TopologyNode<TKey, TRight> keepRight = topology.AddProcessor(otherWindowed, () => new JoinWindowProcessor<TKey, TRight>(join.RightStore), right.Node);
        TopologyNode<TKey, TResult> joinThis = topology.AddProcessor(
            Suffixed(name, thisSuffix) ?? thisNumbered, () => new StreamJoinLeft<TKey, TLeft, TRight, TResult>(join), keepLeft);
        TopologyNode<TKey, TResult> joinOther = topology.AddProcessor(
            Suffixed(name, otherSuffix) ?? otherNumbered, () => new StreamJoinRight<TKey, TLeft, TRight, TResult>(join), keepRight);
        TopologyNode<TKey, TResult> merged = topology.AddProcessor(merge, static () => new PassThroughProcessor<TKey, TResult>(), joinThis, joinOther);

        topology.AddStateStore(Logged(joined, join.Keep(join.LeftStore, join.LeftLife, joined.KeySerde, joined.LeftSerde)), keepLeft, joinOther);
        topology.AddStateStore(Logged(joined, join.Keep(join.RightStore, join.RightLife, joined.KeySerde, joined.RightSerde)), keepRight, joinThis);
        if (kind != JoinKind.Inner)
            topology.AddStateStore(Logged(joined, UnmatchedStore.Of(shared, joined)), joinThis, joinOther);
        return new KStream<TKey, TResult>(builder, merged, keyChanged: false, joined.KeySerde);
    }

    private static string? Suffixed(string? name, string suffix) => name is null ? null : name + suffix;

    private static StoreBuilder Logged<TKey, TLeft, TRight>(StreamJoined<TKey, TLeft, TRight> joined, StoreBuilder store) =>
        joined.LoggingEnabled ? store : store.WithLoggingDisabled();
}
