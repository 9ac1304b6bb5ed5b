using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>A grouped stream, cut into sessions. Where a record makes a session longer, or one of several, those that were are deleted; results have the time of the
/// session's end. Records for a closed session are left out, and logged at debug level.</summary>
public sealed class SessionWindowedKStream<TKey, TValue> where TKey : notnull
{
    private readonly KGroupedStream<TKey, TValue> _group;
    private readonly SessionWindows _windows;
    private readonly EmitStrategy _emit;

    internal SessionWindowedKStream(KGroupedStream<TKey, TValue> group, SessionWindows windows, EmitStrategy emit)
    {
        _group = group;
        _windows = windows;
        _emit = emit;
    }

    /// <summary>Sets when results come out; without, at every update.</summary>
    public SessionWindowedKStream<TKey, TValue> EmitStrategy(EmitStrategy strategy) => new(_group, _windows, strategy);

    /// <summary>The number of records of each session; null for one that is no more.</summary>
    /// <exception cref="StreamsException">The retention is shorter than gap plus grace.</exception>
    public KTable<Windowed<TKey>, long?> Count(Materialized<TKey, long> materialized, Named? named = null) => Add(
        "KSTREAM-AGGREGATE-", new SessionAggregation<TKey, TValue, long?>(static () => 0, static (_, _, count) => count + 1, static (_, one, other) => one + other),
        new Materialized<TKey, long?>(materialized.KeySerde, Serdes.Nullable(materialized.ValueSerde))
        {
            Name = materialized.Name,
            Retention = materialized.Retention,
            LoggingEnabled = materialized.LoggingEnabled,
        }, named);

    /// <summary>Combines the values of each session.</summary>
    /// <param name="reducer">Takes what came of earlier values, or of another session, and the later ones.</param>
    /// <param name="materialized">How the results are kept.</param>
    /// <param name="named">Names the node.</param>
    /// <exception cref="StreamsException">The values have no null, or the retention is shorter than gap plus grace.</exception>
    public KTable<Windowed<TKey>, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue> materialized, Named? named = null) => Add(
        "KSTREAM-REDUCE-", new SessionAggregation<TKey, TValue, TValue>(
            static () => default!, (_, value, result) => result is null ? value : reducer(result, value), (_, one, other) => one is null ? other : reducer(one, other)),
        materialized, named);

    /// <summary>Adds each value to an aggregate of its session.</summary>
    /// <param name="initializer">Makes an empty one, to which sessions are merged that a record joins.</param>
    /// <param name="aggregator">Takes key, value and the aggregate so far, and gives the new one; null deletes it.</param>
    /// <param name="merger">Takes key and the aggregates of two sessions that have become one.</param>
    /// <param name="materialized">How the aggregates are kept.</param>
    /// <param name="named">Names the node.</param>
    /// <exception cref="StreamsException">The aggregates have no null, or the retention is shorter than gap plus grace.</exception>
    public KTable<Windowed<TKey>, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator, Func<TKey, TAggregate, TAggregate, TAggregate> merger,
        Materialized<TKey, TAggregate> materialized, Named? named = null) =>
        Add("KSTREAM-AGGREGATE-", new SessionAggregation<TKey, TValue, TAggregate>(initializer, aggregator, merger), materialized, named);

    private KTable<Windowed<TKey>, TAggregate> Add<TAggregate>(
        string prefix, SessionAggregation<TKey, TValue, TAggregate> aggregation, Materialized<TKey, TAggregate> materialized, Named? named)
    {
        if (!Nulls.In<TAggregate>())
            throw new StreamsException($"Sessions are aggregated to {typeof(TAggregate)}, which has no null for one that was merged into another: use its nullable type.");
        StreamsBuilder builder = _group.Builder;
        string store = materialized.Name ?? builder.NodeName(prefix + "STATE-STORE-");
        string name = builder.NodeName(prefix, named?.Name);
        // Under Kafka Streams' gap and grace, a session would leave the store as stream time reaches its last open moment.
        long closeDelay = _windows.InactivityGap + _windows.Grace + 1;
        long retention = materialized.RetentionFor(store, closeDelay);
        SessionWindows windows = _windows;
        EmitStrategy emit = _emit;
        TopologyNode<Windowed<TKey>, Change<TAggregate>> node = builder.Topology.AddProcessor(
            name, () => new SessionWindowProcessor<TKey, TValue, TAggregate>(store, windows, emit, aggregation), _group.NodeFor(store));
        builder.Topology.AddStateStore(
            materialized.Configure(Stores.SessionStore(store, TimeSpan.FromMilliseconds(retention), materialized.KeySerde, materialized.ValueSerde)), node);
        return new KTable<Windowed<TKey>, TAggregate>(
            builder, node, new SessionTableView<TKey, TAggregate>(store), new SessionWindowedSerde<TKey>(materialized.KeySerde), materialized.ValueSerde)
        { CloseDelay = closeDelay };
    }
}
