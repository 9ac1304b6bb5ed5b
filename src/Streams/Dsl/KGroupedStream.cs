using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>A stream whose records of equal key are put together. Records without key or value are left out, and logged.</summary>
public sealed class KGroupedStream<TKey, TValue> where TKey : notnull
{
    private readonly KStream<TKey, TValue> _stream;
    private readonly Grouped<TKey, TValue>? _grouped;
    private TopologyNode<TKey, TValue>? _shared;

    internal KGroupedStream(KStream<TKey, TValue> stream, Grouped<TKey, TValue>? grouped)
    {
        _stream = stream;
        _grouped = grouped;
    }

    internal StreamsBuilder Builder => _stream.Builder;

    /// <summary>The number of records of each key.</summary>
    public KTable<TKey, long> Count(Materialized<TKey, long> materialized, Named? named = null) =>
        Add("KSTREAM-AGGREGATE-", Aggregation.Count<TKey, TValue>(), materialized, named);

    /// <summary>Combines each value with what came of those before it; the first stands for itself.</summary>
    /// <param name="reducer">Takes the result so far and the new value; a null result deletes the key.</param>
    /// <param name="materialized">How the results are kept.</param>
    /// <param name="named">Names the node.</param>
    public KTable<TKey, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue> materialized, Named? named = null) =>
        Add("KSTREAM-REDUCE-", Aggregation.Reduce<TKey, TValue>(reducer), materialized, named);

    /// <summary>Adds each value to an aggregate of its key.</summary>
    /// <param name="initializer">Makes an empty one.</param>
    /// <param name="aggregator">Takes key, value and the aggregate so far, and gives the new one; null deletes it.</param>
    /// <param name="materialized">How the aggregates are kept.</param>
    /// <param name="named">Names the node.</param>
    public KTable<TKey, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator, Materialized<TKey, TAggregate> materialized, Named? named = null) =>
        Add("KSTREAM-AGGREGATE-", Aggregation.Of(initializer, aggregator), materialized, named);

    /// <summary>Aggregates per window of time.</summary>
    public TimeWindowedKStream<TKey, TValue> WindowedBy(TimeWindows windows) => new(this, new TimeWindowing(windows), EmitStrategy.OnWindowUpdate);

    /// <summary>Aggregates per window of records that lie close together.</summary>
    public TimeWindowedKStream<TKey, TValue> WindowedBy(SlidingWindows windows) => new(this, new SlidingWindowing(windows), EmitStrategy.OnWindowUpdate);

    /// <summary>Aggregates per session.</summary>
    public SessionWindowedKStream<TKey, TValue> WindowedBy(SessionWindows windows) => new(this, windows, EmitStrategy.OnWindowUpdate);

    /// <summary>The node behind which equal keys meet: behind a repartition topic where keys were changed, which aggregates share if it was given a name.</summary>
    internal TopologyNode<TKey, TValue> NodeFor(string store)
    {
        if (!_stream.KeyChanged)
            return _stream.Node;
        if (_grouped?.Name is null)
            return _stream.Through(store, null, _grouped?.KeySerde, _grouped?.ValueSerde).Node;
        if (_shared is null)
            return _shared = _stream.Through(_grouped.Name, null, _grouped.KeySerde, _grouped.ValueSerde).Node;
        // The numbers of the names that a topic of its own would have had are taken all the same.
        _ = Internal.Graph.RepartitionNames.OfStream(_grouped.Name, Builder);
        return _shared;
    }

    private KTable<TKey, TAggregate> Add<TAggregate>(
        string prefix, Aggregation<TKey, TValue, TAggregate> aggregation, Materialized<TKey, TAggregate> materialized, Named? named)
    {
        string store = materialized.Name ?? Builder.NodeName(prefix + "STATE-STORE-");
        string name = Builder.NodeName(prefix, named?.Name);
        TopologyNode<TKey, Change<TAggregate>> node = Builder.Topology.AddProcessor(
            name, () => new AggregateProcessor<TKey, TValue, TAggregate>(store, aggregation), NodeFor(store));
        Builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
        return new KTable<TKey, TAggregate>(Builder, node, TableView<TKey, TAggregate>.Of(store), materialized.KeySerde, materialized.ValueSerde);
    }
}
