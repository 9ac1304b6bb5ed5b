using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>A stream whose records of equal key are put together. Records without key or value are left out, and logged.</summary>
public sealed class KGroupedStream<TKey, TValue> where TKey : notnull
{
    private readonly StreamsBuilder _builder;
    private readonly TopologyNode<TKey, TValue> _node;

    internal KGroupedStream(StreamsBuilder builder, TopologyNode<TKey, TValue> node)
    {
        _builder = builder;
        _node = node;
    }

    /// <summary>The number of records of each key.</summary>
    public KTable<TKey, long> Count(Materialized<TKey, long> materialized) =>
        Add("KSTREAM-AGGREGATE-", new Aggregation<TKey, TValue, long>((_, _) => 1, (_, _, count) => count + 1), materialized);

    /// <summary>Combines each value with what came of those before it; the first stands for itself.</summary>
    /// <param name="reducer">Takes the result so far and the new value; a null result deletes the key.</param>
    /// <param name="materialized">How the results are kept.</param>
    public KTable<TKey, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue> materialized) =>
        Add("KSTREAM-REDUCE-", new Aggregation<TKey, TValue, TValue>((_, value) => value, (_, value, result) => reducer(result, value)), materialized);

    /// <summary>Adds each value to an aggregate of its key.</summary>
    /// <param name="initializer">Makes an empty one.</param>
    /// <param name="aggregator">Takes key, value and the aggregate so far, and gives the new one; null deletes it.</param>
    /// <param name="materialized">How the aggregates are kept.</param>
    public KTable<TKey, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator, Materialized<TKey, TAggregate> materialized) => Add(
            "KSTREAM-AGGREGATE-", new Aggregation<TKey, TValue, TAggregate>((key, value) => aggregator(key, value, initializer()), aggregator), materialized);

    /// <summary>Aggregates per window of time.</summary>
    public TimeWindowedKStream<TKey, TValue> WindowedBy(TimeWindows windows) => new(_builder, _node, windows, EmitStrategy.OnWindowUpdate);

    private KTable<TKey, TAggregate> Add<TAggregate>(string prefix, Aggregation<TKey, TValue, TAggregate> aggregation, Materialized<TKey, TAggregate> materialized)
    {
        string store = materialized.Name ?? _builder.NodeName(prefix + "STATE-STORE-");
        TopologyNode<TKey, Change<TAggregate>> node = _builder.Topology.AddProcessor(
            _builder.NodeName(prefix), () => new AggregateProcessor<TKey, TValue, TAggregate>(store, aggregation), _node);
        _builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
        return new KTable<TKey, TAggregate>(_builder, node, TableView<TKey, TAggregate>.Of(store));
    }
}
