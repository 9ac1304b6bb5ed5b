using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>A table whose rows are put together by another key. A row that changes is taken out of its old group before it goes into its new one.</summary>
public sealed class KGroupedTable<TKey, TValue> where TKey : notnull
{
    private readonly StreamsBuilder _builder;
    private readonly TopologyNode<TKey, GroupedChange<TValue>> _node;
    private readonly Grouped<TKey, TValue> _grouped;
    private TopologyNode<TKey, GroupedChange<TValue>>? _shared;

    internal KGroupedTable(StreamsBuilder builder, TopologyNode<TKey, GroupedChange<TValue>> node, Grouped<TKey, TValue> grouped)
    {
        _builder = builder;
        _node = node;
        _grouped = grouped;
    }

    /// <summary>The number of rows of each key; zero where there are none any more.</summary>
    public KTable<TKey, long> Count(Materialized<TKey, long> materialized, Named? named = null) => Add(
        "KTABLE-AGGREGATE-", new TableAggregation<TKey, TValue, long>((_, _) => 1, (_, _, count) => count + 1, (_, _, count) => count - 1), materialized, named);

    /// <summary>Combines the values of each key.</summary>
    /// <param name="adder">Takes the result so far and a value that comes; the first value stands for itself.</param>
    /// <param name="subtractor">Takes the result so far and a value that goes; null deletes the result.</param>
    /// <param name="materialized">How the results are kept.</param>
    /// <param name="named">Names the node.</param>
    public KTable<TKey, TValue> Reduce(
        Func<TValue, TValue, TValue> adder, Func<TValue, TValue, TValue> subtractor, Materialized<TKey, TValue> materialized, Named? named = null) => Add(
            "KTABLE-REDUCE-", new TableAggregation<TKey, TValue, TValue>(
                (_, value) => value, (_, value, result) => adder(result, value), (_, value, result) => subtractor(result, value)), materialized, named);

    /// <summary>Adds the values of each key to an aggregate, and takes them out again.</summary>
    /// <param name="initializer">Makes an empty one.</param>
    /// <param name="adder">Takes key, a value that comes and the aggregate so far, and gives the new one; null deletes it.</param>
    /// <param name="subtractor">The same for a value that goes.</param>
    /// <param name="materialized">How the aggregates are kept.</param>
    /// <param name="named">Names the node.</param>
    public KTable<TKey, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> adder, Func<TKey, TValue, TAggregate, TAggregate> subtractor,
        Materialized<TKey, TAggregate> materialized, Named? named = null) => Add(
            "KTABLE-AGGREGATE-", new TableAggregation<TKey, TValue, TAggregate>((key, value) => adder(key, value, initializer()), adder, subtractor), materialized, named);

    private KTable<TKey, TAggregate> Add<TAggregate>(
        string prefix, TableAggregation<TKey, TValue, TAggregate> aggregation, Materialized<TKey, TAggregate> materialized, Named? named)
    {
        string store = materialized.Name ?? _builder.NodeName("KTABLE-AGGREGATE-STATE-STORE-");
        string sink = _builder.NodeName("KSTREAM-SINK-", named is null ? null : named.Name + "-sink");
        string source = _builder.NodeName("KSTREAM-SOURCE-", named is null ? null : named.Name + "-source");
        string name = _builder.NodeName(prefix, named?.Name);
        if (_shared is null || _grouped.Name is null)
        {
            _shared = _builder.Topology.AddRepartition(
                new RepartitionNames((_grouped.Name ?? store) + RepartitionNames.Suffix, sink, null, source), null, _grouped.KeySerde, new GroupedChangeSerde<TValue>(_grouped.ValueSerde), _node);
        }
        TopologyNode<TKey, Change<TAggregate>> node =
            _builder.Topology.AddProcessor(name, () => new TableAggregateProcessor<TKey, TValue, TAggregate>(store, aggregation), _shared);
        _builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
        return new KTable<TKey, TAggregate>(_builder, node, TableView<TKey, TAggregate>.Of(store), materialized.KeySerde, materialized.ValueSerde);
    }
}
