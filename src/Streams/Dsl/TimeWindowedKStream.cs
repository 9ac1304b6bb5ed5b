using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>A grouped stream, cut into windows of time. Records that are late for a window are left out of it, and logged at debug level.</summary>
public sealed class TimeWindowedKStream<TKey, TValue> where TKey : notnull
{
    private readonly StreamsBuilder _builder;
    private readonly TopologyNode<TKey, TValue> _node;
    private readonly TimeWindows _windows;
    private readonly EmitStrategy _emit;

    internal TimeWindowedKStream(StreamsBuilder builder, TopologyNode<TKey, TValue> node, TimeWindows windows, EmitStrategy emit)
    {
        _builder = builder;
        _node = node;
        _windows = windows;
        _emit = emit;
    }

    /// <summary>Sets when results come out; without, at every update.</summary>
    public TimeWindowedKStream<TKey, TValue> EmitStrategy(EmitStrategy strategy) => new(_builder, _node, _windows, strategy);

    /// <inheritdoc cref="KGroupedStream{TKey, TValue}.Count"/>
    /// <exception cref="StreamsException">The retention is shorter than size plus grace.</exception>
    public KTable<Windowed<TKey>, long> Count(Materialized<TKey, long> materialized) =>
        Add("KSTREAM-AGGREGATE-", new Aggregation<TKey, TValue, long>((_, _) => 1, (_, _, count) => count + 1), materialized);

    /// <inheritdoc cref="KGroupedStream{TKey, TValue}.Reduce"/>
    /// <exception cref="StreamsException">The retention is shorter than size plus grace.</exception>
    public KTable<Windowed<TKey>, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue> materialized) =>
        Add("KSTREAM-REDUCE-", new Aggregation<TKey, TValue, TValue>((_, value) => value, (_, value, result) => reducer(result, value)), materialized);

    /// <inheritdoc cref="KGroupedStream{TKey, TValue}.Aggregate"/>
    /// <exception cref="StreamsException">The retention is shorter than size plus grace.</exception>
    public KTable<Windowed<TKey>, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator, Materialized<TKey, TAggregate> materialized) => Add(
            "KSTREAM-AGGREGATE-", new Aggregation<TKey, TValue, TAggregate>((key, value) => aggregator(key, value, initializer()), aggregator), materialized);

    private KTable<Windowed<TKey>, TAggregate> Add<TAggregate>(
        string prefix, Aggregation<TKey, TValue, TAggregate> aggregation, Materialized<TKey, TAggregate> materialized)
    {
        string store = materialized.Name ?? _builder.NodeName(prefix + "STATE-STORE-");
        long shortest = _windows.Size + _windows.Grace;
        long retention = (long)(materialized.Retention?.TotalMilliseconds ?? shortest);
        if (retention < shortest)
            throw new StreamsException($"Store '{store}' retains windows for {retention} ms: it must be at least their size plus grace, {shortest} ms.");
        TimeWindows windows = _windows;
        EmitStrategy emit = _emit;
        TopologyNode<Windowed<TKey>, Change<TAggregate>> node = _builder.Topology.AddProcessor(
            _builder.NodeName(prefix), () => new WindowAggregateProcessor<TKey, TValue, TAggregate>(store, windows, emit, aggregation), _node);
        _builder.Topology.AddStateStore(materialized.Configure(TableStores.Windows(store, windows.Size, retention, materialized)), node);
        return new KTable<Windowed<TKey>, TAggregate>(_builder, node, new WindowTableView<TKey, TAggregate>(store));
    }
}
