using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Dsl;

/// <summary>How values become an aggregate: the first one of a key, and each one after.</summary>
internal sealed record Aggregation<TKey, TValue, TAggregate>(Func<TKey, TValue, TAggregate> First, Func<TKey, TValue, TAggregate, TAggregate> Next);

internal static class Aggregation
{
    public static Aggregation<TKey, TValue, long> Count<TKey, TValue>() => new((_, _) => 1, (_, _, count) => count + 1);

    public static Aggregation<TKey, TValue, TValue> Reduce<TKey, TValue>(Func<TValue, TValue, TValue> reducer) =>
        new((_, value) => value, (_, value, result) => reducer(result, value));

    public static Aggregation<TKey, TValue, TAggregate> Of<TKey, TValue, TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator) => new((key, value) => aggregator(key, value, initializer()), aggregator);
}

/// <summary>Aggregates per key. The result's time is the latest seen (rule 12).</summary>
internal abstract class AggregateProcessorBase<TKey, TValue, TStoreKey, TAggregate>(string store, Aggregation<TKey, TValue, TAggregate> aggregation)
    : IProcessor<TKey, TValue, TStoreKey, Change<TAggregate>> where TStoreKey : notnull
{
    protected IProcessorContext<TStoreKey, Change<TAggregate>> Context { get; private set; } = null!;

    public virtual void Init(IProcessorContext<TStoreKey, Change<TAggregate>> context) => Context = context;

    public void Process(in Record<TKey, TValue> record)
    {
        if (record.Key is null || record.Value is null)
            ((IOperatorContext)Context).Log.RecordNotAggregated(store);
        else
            Add(in record);
    }

    protected abstract void Add(in Record<TKey, TValue> record);

    protected abstract bool TryGet(TStoreKey key, out ValueAndTimestamp<TAggregate> found);

    protected abstract void Put(TStoreKey key, ValueAndTimestamp<TAggregate> value);

    protected abstract void Delete(TStoreKey key);

    /// <summary>Adds the record to the aggregate under a key, and says what changed and its time.</summary>
    protected Record<TStoreKey, Change<TAggregate>> Update(TStoreKey key, in Record<TKey, TValue> record)
    {
        bool hasOld = TryGet(key, out ValueAndTimestamp<TAggregate> old);
        TAggregate result = hasOld ? aggregation.Next(record.Key, record.Value, old.Value) : aggregation.First(record.Key, record.Value);
        long timestamp = hasOld ? Math.Max(old.Timestamp, record.Timestamp) : record.Timestamp;
        if (result is null)
            Delete(key);
        else
            Put(key, new ValueAndTimestamp<TAggregate>(result, timestamp));
        return new Record<TStoreKey, Change<TAggregate>>(key, new Change<TAggregate>(result, old.Value, hasOld), timestamp, record.Headers);
    }
}

internal sealed class AggregateProcessor<TKey, TValue, TAggregate>(string store, Aggregation<TKey, TValue, TAggregate> aggregation)
    : AggregateProcessorBase<TKey, TValue, TKey, TAggregate>(store, aggregation) where TKey : notnull
{
    private readonly string _name = store;
    private IKeyValueStore<TKey, ValueAndTimestamp<TAggregate>> _store = null!;

    public override void Init(IProcessorContext<TKey, Change<TAggregate>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IKeyValueStore<TKey, ValueAndTimestamp<TAggregate>>>(_name);
    }

    protected override void Add(in Record<TKey, TValue> record) => Context.Forward(Update(record.Key, in record));

    protected override bool TryGet(TKey key, out ValueAndTimestamp<TAggregate> found) => _store.TryGet(key, out found);

    protected override void Put(TKey key, ValueAndTimestamp<TAggregate> value) => _store.Put(key, value);

    protected override void Delete(TKey key) => _store.Delete(key);
}

/// <summary>Aggregates per key and window of time.</summary>
/// <remarks>
/// A window is late iff end + grace ≤ the task's stream time (rule 13). Closing is a stream-time punctuation whose interval meets every close, so
/// whenever a record is done, all windows that stream time has closed are emitted. Stream time is part of the commit: where it stands after a
/// restart, there the last emitted close stands.
/// </remarks>
internal sealed class WindowAggregateProcessor<TKey, TValue, TAggregate>(
    string store, TimeWindows windows, EmitStrategy emit, Aggregation<TKey, TValue, TAggregate> aggregation)
    : AggregateProcessorBase<TKey, TValue, Windowed<TKey>, TAggregate>(store, aggregation) where TKey : notnull
{
    private readonly string _name = store;
    private WindowStore<TKey, ValueAndTimestamp<TAggregate>> _store = null!;
    private long _closedEnd;

    public override void Init(IProcessorContext<Windowed<TKey>, Change<TAggregate>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<WindowStore<TKey, ValueAndTimestamp<TAggregate>>>(_name);
        _closedEnd = context.CurrentStreamTime - windows.Grace;
        long interval = (long)System.Numerics.BigInteger.GreatestCommonDivisor(windows.Advance, windows.Size + windows.Grace);
        context.Schedule(TimeSpan.FromMilliseconds(interval), PunctuationType.StreamTime, Close);
    }

    protected override void Add(in Record<TKey, TValue> record)
    {
        long streamTime = Context.CurrentStreamTime;
        for (long start = windows.FirstStart(record.Timestamp); start <= record.Timestamp; start += windows.Advance)
        {
            TimeWindow window = new(start, start + windows.Size);
            if (window.End + windows.Grace <= streamTime)
            {
                ((IOperatorContext)Context).Log.RecordLate(_name, record.Timestamp, window.Start, window.End, streamTime);
                continue;
            }
            Record<Windowed<TKey>, Change<TAggregate>> update = Update(new Windowed<TKey>(record.Key, window), in record);
            if (emit == EmitStrategy.OnWindowUpdate)
                Context.Forward(in update);
        }
    }

    private void Close(long streamTime)
    {
        long closedEnd = streamTime - windows.Grace;
        if (emit == EmitStrategy.OnWindowClose)
        {
            foreach ((Windowed<TKey> key, ValueAndTimestamp<TAggregate> value) in _store.FetchStored(_closedEnd - windows.Size + 1, closedEnd - windows.Size))
                Context.Forward(new Record<Windowed<TKey>, Change<TAggregate>>(key, new Change<TAggregate>(value.Value, default!, HasOld: false), value.Timestamp));
        }
        _closedEnd = closedEnd;
    }

    protected override bool TryGet(Windowed<TKey> key, out ValueAndTimestamp<TAggregate> found) => _store.TryFetch(key.Key, key.Window.Start, out found);

    protected override void Put(Windowed<TKey> key, ValueAndTimestamp<TAggregate> value) => _store.Put(key.Key, value, key.Window.Start);

    protected override void Delete(Windowed<TKey> key) => _store.Delete(key.Key, key.Window.Start);
}
