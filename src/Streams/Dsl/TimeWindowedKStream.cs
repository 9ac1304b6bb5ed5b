using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>A grouped stream, cut into windows of time. Records that are late for a window are left out of it, and logged at debug level.</summary>
public sealed class TimeWindowedKStream<TKey, TValue> where TKey : notnull
{
    private readonly KGroupedStream<TKey, TValue> _group;
    private readonly Windowing _windows;
    private readonly EmitStrategy _emit;

    internal TimeWindowedKStream(KGroupedStream<TKey, TValue> group, Windowing windows, EmitStrategy emit)
    {
        _group = group;
        _windows = windows;
        _emit = emit;
    }

    /// <summary>Sets when results come out; without, at every update.</summary>
    public TimeWindowedKStream<TKey, TValue> EmitStrategy(EmitStrategy strategy) => new(_group, _windows, strategy);

    /// <inheritdoc cref="KGroupedStream{TKey, TValue}.Count"/>
    /// <exception cref="StreamsException">The retention is too short for the windows.</exception>
    public KTable<Windowed<TKey>, long> Count(Materialized<TKey, long> materialized, Named? named = null) =>
        Add("KSTREAM-AGGREGATE-", Aggregation.Count<TKey, TValue>(), materialized, named);

    /// <inheritdoc cref="KGroupedStream{TKey, TValue}.Reduce"/>
    /// <exception cref="StreamsException">The retention is too short for the windows.</exception>
    public KTable<Windowed<TKey>, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue> materialized, Named? named = null) =>
        Add("KSTREAM-REDUCE-", Aggregation.Reduce<TKey, TValue>(reducer), materialized, named);

    /// <inheritdoc cref="KGroupedStream{TKey, TValue}.Aggregate"/>
    /// <exception cref="StreamsException">The retention is too short for the windows.</exception>
    public KTable<Windowed<TKey>, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator, Materialized<TKey, TAggregate> materialized, Named? named = null) =>
        Add("KSTREAM-AGGREGATE-", Aggregation.Of(initializer, aggregator), materialized, named);

    private KTable<Windowed<TKey>, TAggregate> Add<TAggregate>(
        string prefix, Aggregation<TKey, TValue, TAggregate> aggregation, Materialized<TKey, TAggregate> materialized, Named? named)
    {
        StreamsBuilder builder = _group.Builder;
        string store = materialized.Name ?? builder.NodeName(prefix + "STATE-STORE-");
        string name = builder.NodeName(prefix, named?.Name);
        long retention = materialized.RetentionFor(store, _windows.ShortestRetention);
        Windowing windows = _windows;
        EmitStrategy emit = _emit;
        TopologyNode<Windowed<TKey>, Change<TAggregate>> node = builder.Topology.AddProcessor(
            name, () => windows.Processor(store, emit, materialized.ValueSerde, aggregation), _group.NodeFor(store));
        builder.Topology.AddStateStore(materialized.Configure(TableStores.Windows(store, windows.Size, retention, materialized)), node);
        return new KTable<Windowed<TKey>, TAggregate>(
            builder, node, new WindowTableView<TKey, TAggregate>(store), new TimeWindowedSerde<TKey>(materialized.KeySerde, windows.Size), materialized.ValueSerde)
        { CloseDelay = windows.CloseDelay };
    }
}
