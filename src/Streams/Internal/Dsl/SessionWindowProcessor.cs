using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Dsl;

/// <summary>How values become a session's aggregate; an empty one is merged with those of the sessions that a record joins, then the record's value is added.</summary>
internal sealed record SessionAggregation<TKey, TValue, TAggregate>(
    Func<TAggregate> Initializer, Func<TKey, TValue, TAggregate, TAggregate> Aggregator, Func<TKey, TAggregate, TAggregate, TAggregate> Merger);

/// <summary>Sessions: a record makes one of itself and of all open ones that lie within the gap around it; those are deleted and the new one put. A result's time is the session's end.
/// A session that a record falls into is deleted and put too; only one of a single moment that stays one is put in place.</summary>
/// <remarks>A closed session is not merged, even where the store still has it: it may have been emitted, and stays as it is (rule 13).</remarks>
internal sealed class SessionWindowProcessor<TKey, TValue, TAggregate>(
    string store, SessionWindows windows, EmitStrategy emit, SessionAggregation<TKey, TValue, TAggregate> aggregation)
    : WindowedAggregateProcessorBase<TKey, TValue, TAggregate>(store, emit, windows.InactivityGap + windows.Grace + 1, closeInterval: 1) where TKey : notnull
{
    private readonly string _name = store;
    private readonly List<KeyValuePair<Windowed<TKey>, TAggregate>> _merged = [];
    private SessionStore<TKey, TAggregate> _store = null!;

    public override void Init(IProcessorContext<Windowed<TKey>, Change<TAggregate>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<SessionStore<TKey, TAggregate>>(_name);
    }

    protected override void Add(in Record<TKey, TValue> record)
    {
        long time = record.Timestamp;
        _merged.Clear();
        _merged.AddRange(_store.FindSessions(record.Key, Math.Max(time - windows.InactivityGap, ClosedEnd + 1), time + windows.InactivityGap));
        TimeWindow moment = new(time, time), session = moment;
        foreach ((Windowed<TKey> key, _) in _merged)
            session = new TimeWindow(Math.Min(session.Start, key.Window.Start), Math.Max(session.End, key.Window.End));
        if (IsLate(session, time))
            return;
        Change<TAggregate> change = new(default!, default!, HasOld: false);
        TAggregate result = aggregation.Initializer();
        foreach ((Windowed<TKey> key, TAggregate value) in _merged)
        {
            result = aggregation.Merger(record.Key, result, value);
            if (session == moment)
                change = new Change<TAggregate>(default!, value, HasOld: true);
        }
        foreach ((Windowed<TKey> key, TAggregate value) in _merged)
        {
            if (session == moment)
                continue;
            _store.Remove(key);
            Forward(new Record<Windowed<TKey>, Change<TAggregate>>(key, new Change<TAggregate>(default!, value, HasOld: true), key.Window.End, record.Headers));
        }
        result = aggregation.Aggregator(record.Key, record.Value, result);
        Windowed<TKey> merged = new(record.Key, session);
        _store.Put(merged, result);
        Forward(new Record<Windowed<TKey>, Change<TAggregate>>(merged, change with { New = result }, session.End, record.Headers));
    }

    protected override IEnumerable<KeyValuePair<Windowed<TKey>, ValueAndTimestamp<TAggregate>>> Ending(long from, long to)
    {
        foreach ((Windowed<TKey> key, TAggregate value) in _store.FetchStored(from, to))
            yield return new KeyValuePair<Windowed<TKey>, ValueAndTimestamp<TAggregate>>(key, new ValueAndTimestamp<TAggregate>(value, key.Window.End));
    }
}
