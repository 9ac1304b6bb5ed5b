using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>Joins of two tables by key. Each update of either gives a new result, whose time is the later of both; both topics need the same number of partitions.</summary>
/// <remarks>Out-of-order updates of a versioned table are left out: they change no present result.</remarks>
public static class KTableJoins
{
    /// <summary>A value for each key that both tables have.</summary>
    /// <param name="table">The left table.</param>
    /// <param name="other">The right table; may be the left one, or made from it.</param>
    /// <param name="joiner">Takes key and both values; a null result is none.</param>
    /// <param name="materialized">Keeps the results in a store; null: they are joined anew whenever they are asked for.</param>
    /// <exception cref="StreamsException">The results have no null, and a value of either table can be deleted.</exception>
    public static KTable<TKey, TResult> Join<TKey, TLeft, TRight, TResult>(
        this KTable<TKey, TLeft> table, KTable<TKey, TRight> other, Func<TKey, TLeft, TRight, TResult> joiner, Materialized<TKey, TResult>? materialized = null)
        where TKey : notnull => Join(table, other, joiner, JoinKind.Inner, canBeDeleted: Nulls.In<TLeft>() || Nulls.In<TRight>(), materialized);

    /// <summary>A value for each key of the left table, with null in the right's place where that has none.</summary>
    /// <inheritdoc cref="Join{TKey, TLeft, TRight, TResult}(KTable{TKey, TLeft}, KTable{TKey, TRight}, Func{TKey, TLeft, TRight, TResult}, Materialized{TKey, TResult}?)"/>
    /// <exception cref="StreamsException">The right table's values have no null; or the results have none, and a value of the left table can be deleted.</exception>
    public static KTable<TKey, TResult> LeftJoin<TKey, TLeft, TRight, TResult>(
        this KTable<TKey, TLeft> table, KTable<TKey, TRight> other, Func<TKey, TLeft, TRight?, TResult> joiner, Materialized<TKey, TResult>? materialized = null)
        where TKey : notnull
    {
        Nulls.RequireIn<TRight>("left join");
        return Join(table, other, joiner, JoinKind.Left, canBeDeleted: Nulls.In<TLeft>(), materialized);
    }

    /// <summary>A value for each key that either table has, with null in the other's place where that has none.</summary>
    /// <inheritdoc cref="Join{TKey, TLeft, TRight, TResult}(KTable{TKey, TLeft}, KTable{TKey, TRight}, Func{TKey, TLeft, TRight, TResult}, Materialized{TKey, TResult}?)"/>
    /// <exception cref="StreamsException">The values of either table, or the results, have no null.</exception>
    public static KTable<TKey, TResult> OuterJoin<TKey, TLeft, TRight, TResult>(
        this KTable<TKey, TLeft> table, KTable<TKey, TRight> other, Func<TKey, TLeft?, TRight?, TResult> joiner, Materialized<TKey, TResult>? materialized = null)
        where TKey : notnull
    {
        Nulls.RequireIn<TLeft>("outer join");
        Nulls.RequireIn<TRight>("outer join");
        return Join(table, other, joiner, JoinKind.Outer, canBeDeleted: true, materialized);
    }

    private static KTable<TKey, TResult> Join<TKey, TLeft, TRight, TResult>(
        KTable<TKey, TLeft> table, KTable<TKey, TRight> other, Func<TKey, TLeft, TRight, TResult> joiner, JoinKind kind, bool canBeDeleted,
        Materialized<TKey, TResult>? materialized) where TKey : notnull
    {
        if (canBeDeleted && !Nulls.In<TResult>())
            throw new StreamsException($"Tables are joined to {typeof(TResult)}, which has no null for a deleted result: join to its nullable type.");
        StreamsBuilder builder = table.Builder;
        string? store = materialized is null ? null : materialized.Name ?? builder.NodeName("KTABLE-MERGE-STATE-STORE-");
        string mergeName = builder.NodeName("KTABLE-MERGE-");
        TableTableJoin<TKey, TLeft, TRight, TResult> join = new(table.View, other.View, joiner, kind);

        TopologyNode<TKey, Change<TResult>> joinThis = builder.Topology.AddProcessor(
            builder.NodeName("KTABLE-JOINTHIS-"), () => new TableTableJoinThis<TKey, TLeft, TRight, TResult>(join), table.Node);
        TopologyNode<TKey, Change<TResult>> joinOther = builder.Topology.AddProcessor(
            builder.NodeName("KTABLE-JOINOTHER-"), () => new TableTableJoinOther<TKey, TLeft, TRight, TResult>(join), other.Node);
        other.View.Connect(builder.Topology, joinThis);
        table.View.Connect(builder.Topology, joinOther);

        if (materialized is null || store is null)
        {
            TopologyNode<TKey, Change<TResult>> merge = builder.Topology.AddProcessor(
                mergeName, static () => new PassThroughProcessor<TKey, Change<TResult>>(), joinThis, joinOther);
            return new KTable<TKey, TResult>(builder, merge, new TableTableJoinView<TKey, TLeft, TRight, TResult>(join), table.KeySerde);
        }
        TopologyNode<TKey, Change<TResult>> keep = builder.Topology.AddProcessor(mergeName, () => new StoredTableMapProcessor<TKey, TResult, TResult>(store, static (_, result) => result, dropsNothing: false), joinThis, joinOther);
        builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), keep);
        return new KTable<TKey, TResult>(builder, keep, TableView<TKey, TResult>.Of(store, table.View.Origins.Union(other.View.Origins)), materialized.KeySerde, materialized.ValueSerde);
    }
}
