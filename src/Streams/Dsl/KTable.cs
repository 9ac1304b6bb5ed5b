using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>The latest value of each key: a record replaces the one before it of the same key, and a null value deletes it.</summary>
/// <remarks>A value type that has no null can't be deleted, so such a table can't be filtered; map it to its nullable type first.</remarks>
public sealed class KTable<TKey, TValue> where TKey : notnull
{
    private readonly StreamsBuilder _builder;

    internal KTable(StreamsBuilder builder, TopologyNode<TKey, Change<TValue>> node, TableView<TKey, TValue> view)
    {
        _builder = builder;
        Node = node;
        View = view;
    }

    /// <summary>Sends each change with the value before it.</summary>
    internal TopologyNode<TKey, Change<TValue>> Node { get; }

    internal TableView<TKey, TValue> View { get; }

    /// <summary>Keeps the values for which <paramref name="predicate"/> holds; others are deleted, at every update of theirs.</summary>
    /// <exception cref="StreamsException">The values have no null.</exception>
    public KTable<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate) => FilterBy(predicate, keep: true);

    /// <summary>Deletes the values for which <paramref name="predicate"/> holds, at every update of theirs.</summary>
    /// <exception cref="StreamsException">The values have no null.</exception>
    public KTable<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate) => FilterBy(predicate, keep: false);

    /// <summary>Replaces each value; what is deleted stays so without the mapper being asked.</summary>
    /// <exception cref="StreamsException">The new values have no null, and the old ones do.</exception>
    public KTable<TKey, TNewValue> MapValues<TNewValue>(Func<TKey, TValue, TNewValue> mapper)
    {
        if (!Nulls.In<TNewValue>() && Nulls.In<TValue>())
            throw new StreamsException($"A table's values are mapped to {typeof(TNewValue)}, which has no null for a deleted one: map to its nullable type.");
        return Add("KTABLE-MAPVALUES-", (key, value) => value is null ? default! : mapper(key, value));
    }

    /// <summary>The changes as a stream, a deletion as null.</summary>
    public KStream<TKey, TValue> ToStream() => new(
        _builder, _builder.Topology.AddProcessor(_builder.NodeName("KTABLE-TOSTREAM-"), static () => new ToStreamProcessor<TKey, TValue>(), Node), keyChanged: false);

    private KTable<TKey, TValue> FilterBy(Func<TKey, TValue, bool> predicate, bool keep)
    {
        if (!Nulls.In<TValue>())
            throw new StreamsException($"A table of {typeof(TValue)} is filtered, which has no null for a dropped value: map it to its nullable type first.");
        return Add("KTABLE-FILTER-", (key, value) => value is not null && predicate(key, value) == keep ? value : default!);
    }

    private KTable<TKey, TNewValue> Add<TNewValue>(string prefix, Func<TKey, TValue, TNewValue> mapper) => new(
        _builder, _builder.Topology.AddProcessor(_builder.NodeName(prefix), () => new TableMapProcessor<TKey, TValue, TNewValue>(mapper), Node), View.Select(mapper));
}
