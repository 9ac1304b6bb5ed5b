using System.Numerics;
using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Aggregates per key and window.</summary>
/// <remarks>
/// A window is late iff the task's stream time has reached its close, its end and <paramref name="closeDelay"/> more (rule 13). Closing is a stream-time
/// punctuation whose interval meets every close, so whenever a record is done, all windows that stream time has closed are emitted. Stream time is part of
/// the commit: where it stands after a restart, there the last emitted close stands.
/// </remarks>
/// <param name="store">Its windows.</param>
/// <param name="emit">When results come out.</param>
/// <param name="closeDelay">Milliseconds from the end that a window's key says to its close.</param>
/// <param name="closeInterval">Milliseconds: closes are at multiples of it.</param>
internal abstract class WindowedAggregateProcessorBase<TKey, TValue, TAggregate>(
    string store, EmitStrategy emit, long closeDelay, long closeInterval)
    : AggregateProcessorBase<TKey, TValue, Windowed<TKey>, TAggregate>(store) where TKey : notnull
{
    private readonly string _name = store;
    private long _closedEnd;

    public override void Init(IProcessorContext<Windowed<TKey>, Change<TAggregate>> context)
    {
        base.Init(context);
        _closedEnd = ClosedEnd;
        if (emit == EmitStrategy.OnWindowClose)
            context.Schedule(TimeSpan.FromMilliseconds(closeInterval), PunctuationType.StreamTime, Close);
    }

    /// <summary>Windows that end there or before are closed.</summary>
    protected long ClosedEnd => Context.CurrentStreamTime - closeDelay;

    /// <summary>The stored windows with <paramref name="from"/> ≤ end ≤ <paramref name="to"/>, by end and key.</summary>
    protected abstract IEnumerable<KeyValuePair<Windowed<TKey>, ValueAndTimestamp<TAggregate>>> Ending(long from, long to);

    /// <summary>Whether a window is closed already; says so in the log.</summary>
    protected bool IsLate(TimeWindow window, long timestamp)
    {
        if (window.End > ClosedEnd)
            return false;
        ((IOperatorContext)Context).Drop().RecordLate(_name, timestamp, window.Start, window.End, Context.CurrentStreamTime);
        return true;
    }

    /// <summary>Sends a change on, where every update comes out.</summary>
    protected void Forward(in Record<Windowed<TKey>, Change<TAggregate>> update)
    {
        if (emit == EmitStrategy.OnWindowUpdate)
            Context.Forward(in update);
    }

    private void Close(long streamTime)
    {
        long closedEnd = ClosedEnd;
        foreach ((Windowed<TKey> key, ValueAndTimestamp<TAggregate> value) in Ending(_closedEnd + 1, closedEnd))
            Context.Forward(new Record<Windowed<TKey>, Change<TAggregate>>(key, new Change<TAggregate>(value.Value, default!, HasOld: false), value.Timestamp));
        _closedEnd = closedEnd;
    }
}

/// <summary>Aggregates in windows of a fixed size, which lie in a window store.</summary>
internal abstract class FixedSizeWindowProcessor<TKey, TValue, TAggregate>(
    string store, EmitStrategy emit, long size, long closeDelay, long closeInterval)
    : WindowedAggregateProcessorBase<TKey, TValue, TAggregate>(store, emit, closeDelay, closeInterval) where TKey : notnull
{
    private readonly string _store = store;

    public override void Init(IProcessorContext<Windowed<TKey>, Change<TAggregate>> context)
    {
        base.Init(context);
        Store = context.GetStateStore<WindowStore<TKey, ValueAndTimestamp<TAggregate>>>(_store);
    }

    protected WindowStore<TKey, ValueAndTimestamp<TAggregate>> Store { get; private set; } = null!;

    /// <summary>Keeps what a change gives, and sends it on where every update comes out.</summary>
    protected void Keep(in Record<Windowed<TKey>, Change<TAggregate>> update)
    {
        if (update.Value.New is null)
            Store.Delete(update.Key.Key, update.Key.Window.Start);
        else
            Store.Put(update.Key.Key, new ValueAndTimestamp<TAggregate>(update.Value.New, update.Timestamp), update.Key.Window.Start);
        Forward(in update);
    }

    protected override IEnumerable<KeyValuePair<Windowed<TKey>, ValueAndTimestamp<TAggregate>>> Ending(long from, long to) => Store.FetchStored(from - size, to - size);
}

/// <summary>Tumbling and hopping windows: a record goes into all that hold its time.</summary>
internal sealed class TimeWindowProcessor<TKey, TValue, TAggregate>(string store, TimeWindows windows, EmitStrategy emit, Aggregation<TKey, TValue, TAggregate> aggregation)
    : FixedSizeWindowProcessor<TKey, TValue, TAggregate>(
        store, emit, windows.Size, windows.Grace, (long)BigInteger.GreatestCommonDivisor(windows.Advance, windows.Size + windows.Grace)) where TKey : notnull
{
    protected override void Add(in Record<TKey, TValue> record)
    {
        for (long start = windows.FirstStart(record.Timestamp); start <= record.Timestamp; start += windows.Advance)
        {
            TimeWindow window = new(start, start + windows.Size);
            if (IsLate(window, record.Timestamp))
                continue;
            bool hasOld = Store.TryFetch(record.Key, start, out ValueAndTimestamp<TAggregate> old);
            Keep(aggregation.Update(new Windowed<TKey>(record.Key, window), hasOld, in old, in record));
        }
    }
}
