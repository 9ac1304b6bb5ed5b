using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>The latest value of each key: a record replaces the one before it of the same key, and a null value deletes it.</summary>
/// <remarks>A value type that has no null can't be deleted, so such a table can't be filtered; map it to its nullable type first.</remarks>
public sealed class KTable<TKey, TValue> where TKey : notnull
{
    /// <param name="builder">Whose table it is.</param>
    /// <param name="node">Sends each change.</param>
    /// <param name="view">Reads its values.</param>
    /// <param name="keySerde">Null: not known.</param>
    /// <param name="valueSerde">Null: not known.</param>
    internal KTable(
        StreamsBuilder builder, TopologyNode<TKey, Change<TValue>> node, TableView<TKey, TValue> view, ISerde<TKey>? keySerde = null, ISerde<TValue>? valueSerde = null)
    {
        Builder = builder;
        Node = node;
        View = view;
        KeySerde = keySerde;
        ValueSerde = valueSerde;
    }

    internal StreamsBuilder Builder { get; }

    /// <summary>Sends each change with the value before it.</summary>
    internal TopologyNode<TKey, Change<TValue>> Node { get; }

    internal TableView<TKey, TValue> View { get; }

    internal ISerde<TKey>? KeySerde { get; }

    internal ISerde<TValue>? ValueSerde { get; }

    /// <summary>Milliseconds from the end that a window's key says to its close; null where the keys are no windows.</summary>
    internal long? CloseDelay { get; init; }

    /// <summary>Keeps the values for which <paramref name="predicate"/> holds; others are deleted, at every update of theirs.</summary>
    /// <param name="predicate">Asked for values that are there.</param>
    /// <param name="materialized">With a name, what is kept has a store of its own; without, it is looked up through this table.</param>
    /// <param name="named">Names the node.</param>
    /// <exception cref="StreamsException">The values have no null.</exception>
    public KTable<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate, Materialized<TKey, TValue>? materialized = null, Named? named = null) =>
        FilterBy(predicate, keep: true, materialized, named);

    /// <summary>Deletes the values for which <paramref name="predicate"/> holds, at every update of theirs.</summary>
    /// <inheritdoc cref="Filter"/>
    public KTable<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate, Materialized<TKey, TValue>? materialized = null, Named? named = null) =>
        FilterBy(predicate, keep: false, materialized, named);

    /// <summary>Replaces each value; what is deleted stays so without the mapper being asked.</summary>
    /// <param name="mapper">Gives the new value; null deletes.</param>
    /// <param name="materialized">With a name, the new values have a store of their own; without, they are mapped again whenever they are looked up.</param>
    /// <param name="named">Names the node.</param>
    /// <exception cref="StreamsException">The new values have no null, and the old ones do.</exception>
    public KTable<TKey, TNewValue> MapValues<TNewValue>(Func<TKey, TValue, TNewValue> mapper, Materialized<TKey, TNewValue>? materialized = null, Named? named = null)
    {
        if (!Nulls.In<TNewValue>() && Nulls.In<TValue>())
            throw new StreamsException($"A table's values are mapped to {typeof(TNewValue)}, which has no null for a deleted one: map to its nullable type.");
        return Add("KTABLE-MAPVALUES-", (key, value) => value is null ? default! : mapper(key, value), materialized, null, named);
    }

    /// <summary>Puts the rows together by a new key, through a repartition topic.</summary>
    /// <param name="selector">Gives the group's key and the row's value in it; null for either leaves the row out.</param>
    /// <param name="grouped">How they are written to the repartition topic; its name is also that of the node that selects.</param>
    public KGroupedTable<TNewKey, TNewValue> GroupBy<TNewKey, TNewValue>(
        Func<TKey, TValue, KeyValuePair<TNewKey, TNewValue>> selector, Grouped<TNewKey, TNewValue> grouped) where TNewKey : notnull => new(
            Builder, Builder.Topology.AddProcessor(
                Builder.NodeName("KTABLE-SELECT-", grouped.Name), () => new TableGroupProcessor<TKey, TValue, TNewKey, TNewValue>(selector), Node), grouped);

    /// <summary>The changes as a stream, a deletion as null.</summary>
    public KStream<TKey, TValue> ToStream(Named? named = null) => new(
        Builder, Builder.Topology.AddProcessor(Builder.NodeName("KTABLE-TOSTREAM-", named?.Name), static () => new ToStreamProcessor<TKey, TValue>(), Node),
        keyChanged: false, KeySerde, ValueSerde);

    /// <summary>The changes as a stream under other keys, as of windows; a deletion as null.</summary>
    public KStream<TNewKey, TValue> ToStream<TNewKey>(Func<TKey, TValue, TNewKey> selector, Named? named = null) => ToStream(named).SelectKey(selector);

    private KTable<TKey, TValue> FilterBy(Func<TKey, TValue, bool> predicate, bool keep, Materialized<TKey, TValue>? materialized, Named? named)
    {
        if (!Nulls.In<TValue>())
            throw new StreamsException($"A table of {typeof(TValue)} is filtered, which has no null for a dropped value: map it to its nullable type first.");
        return Add("KTABLE-FILTER-", (key, value) => value is not null && predicate(key, value) == keep ? value : default!, materialized, ValueSerde, named, dropsNothing: View.History is null);
    }

    private KTable<TKey, TNewValue> Add<TNewValue>(
        string prefix, Func<TKey, TValue, TNewValue> mapper, Materialized<TKey, TNewValue>? materialized, ISerde<TNewValue>? valueSerde, Named? named,
        bool dropsNothing = false)
    {
        // Kafka Streams counts a store that it then does not make.
        if (materialized is { Name: null })
            Builder.SkipNumber();
        string name = Builder.NodeName(prefix, named?.Name);
        if (materialized?.Name is not { } store)
        {
            return new KTable<TKey, TNewValue>(
                Builder, Builder.Topology.AddProcessor(name, () => new TableMapProcessor<TKey, TValue, TNewValue>(mapper, dropsNothing), Node), View.Select(mapper),
                KeySerde, materialized?.ValueSerde ?? valueSerde)
            { CloseDelay = CloseDelay };
        }
        TopologyNode<TKey, Change<TNewValue>> node = Builder.Topology.AddProcessor(name, () => new StoredTableMapProcessor<TKey, TValue, TNewValue>(store, mapper, dropsNothing), Node);
        Builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
        return new KTable<TKey, TNewValue>(Builder, node, TableView<TKey, TNewValue>.Of(store, View.Origins), materialized.KeySerde, materialized.ValueSerde) { CloseDelay = CloseDelay };
    }
}
