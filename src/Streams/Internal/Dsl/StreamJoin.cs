using Assay.Streams.Internal.Nodes;

namespace Assay.Streams.Internal.Dsl;

/// <summary>A join of two streams.</summary>
/// <remarks>
/// A record can be met while its time ≥ stream time − its side's life. Where the side's records go out alone, that is until their window has closed: its end lies their reach
/// after them, and the grace after that. Else it is until no record in time could still meet them, as in Kafka Streams.
/// </remarks>
internal sealed record StreamJoin<TKey, TLeft, TRight, TResult>(
    JoinWindows Windows, JoinKind Kind, string LeftStore, string RightStore, string UnmatchedStore, Func<TKey, TLeft, TRight, TResult> Joiner) where TKey : notnull
{
    public long LeftLife { get; } = Life(Math.Max(0, Windows.AfterMs), Windows, alone: Kind != JoinKind.Inner);

    public long RightLife { get; } = Life(Math.Max(0, Windows.BeforeMs), Windows, alone: Kind == JoinKind.Outer);

    /// <summary>The store of one side's records; duplicates are kept.</summary>
    public StoreBuilder Keep<TValue>(string name, long life, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        // What starts at stream time − retention is gone already.
        long retention = life + 1;
        long size = Math.Clamp(Windows.BeforeMs + Windows.AfterMs, 1, retention);
        return Stores.WindowStore(name, TimeSpan.FromMilliseconds(retention), TimeSpan.FromMilliseconds(size), retainDuplicates: true, keySerde, valueSerde);
    }

    private static long Life(long reach, JoinWindows windows, bool alone) =>
        (alone ? reach : Math.Max(0, windows.BeforeMs) + Math.Max(0, windows.AfterMs)) + windows.GraceMs;
}

/// <summary>Keeps a side's records for those of the other that come later: after the join has seen them, so that a record does not meet itself twice where a stream is joined with itself.</summary>
internal sealed class JoinWindowProcessor<TKey, TValue>(string store) : StatelessProcessor<TKey, TValue, TKey, TValue> where TKey : notnull
{
    private IWindowStore<TKey, TValue> _store = null!;

    public override void Init(IProcessorContext<TKey, TValue> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IWindowStore<TKey, TValue>>(store);
    }

    public override void Process(in Record<TKey, TValue> record)
    {
        Context.Forward(in record);
        if (record.Key is not null && record.Value is not null)
            _store.Put(record.Key, record.Value, record.Timestamp);
    }
}

/// <summary>Joins one side's records, as they come, with those of the other that came before them.</summary>
/// <remarks>
/// Before a record, what stream time has closed goes out, so results come in order of time. Both sides do that, on the same <see cref="UnmatchedRecords{TKey, TLeft, TRight}"/>; a
/// punctuation does it where stream time moves by records that reach neither (rule 13).
/// </remarks>
internal abstract class StreamJoinSide<TKey, TThis, TOther, TLeft, TRight, TResult>(StreamJoin<TKey, TLeft, TRight, TResult> join, bool isLeft)
    : StatelessProcessor<TKey, TThis, TKey, TResult> where TKey : notnull
{
    private readonly string _thisName = isLeft ? join.LeftStore : join.RightStore;
    private readonly string _otherName = isLeft ? join.RightStore : join.LeftStore;
    private readonly long _before = isLeft ? join.Windows.BeforeMs : join.Windows.AfterMs;
    private readonly long _after = isLeft ? join.Windows.AfterMs : join.Windows.BeforeMs;
    private readonly long _thisLife = isLeft ? join.LeftLife : join.RightLife;
    private readonly bool _alone = join.Kind == JoinKind.Outer || (join.Kind == JoinKind.Left && isLeft);
    private IWindowStore<TKey, TOther> _other = null!;
    private IOperatorContext _operator = null!;
    private UnmatchedRecords<TKey, TLeft, TRight>? _unmatched;

    public override void Init(IProcessorContext<TKey, TResult> context)
    {
        base.Init(context);
        _operator = (IOperatorContext)context;
        _other = context.GetStateStore<IWindowStore<TKey, TOther>>(_otherName);
        if (join.Kind == JoinKind.Inner)
            return;
        // In a left join no right record is kept there.
        long rightLife = join.Kind == JoinKind.Left ? join.LeftLife : join.RightLife;
        _unmatched = _operator.Shared(join.UnmatchedStore, () => new UnmatchedRecords<TKey, TLeft, TRight>(
            context.GetStateStore<IKeyValueStore<UnmatchedKey<TKey>, List<Unmatched<TLeft, TRight>>>>(join.UnmatchedStore), join.LeftLife, rightLife));
        if (isLeft)
            context.Schedule(TimeSpan.FromMilliseconds(1), PunctuationType.StreamTime, now => _unmatched.Close(now, GiveAlone));
    }

    public override void Process(in Record<TKey, TThis> record)
    {
        long streamTime = Context.CurrentStreamTime;
        _unmatched?.Close(streamTime, GiveAlone);
        if (record.Value is null || (record.Key is null && !_alone))
        {
            _operator.Drop().RecordNotJoined();
            return;
        }
        if (record.Key is null)
        {
            Context.Forward(record.WithValue(Result(record.Key!, record.Value, default!)));
            return;
        }
        long time = record.Timestamp;
        if (time < streamTime - _thisLife)
        {
            _operator.Drop().RecordLate(_thisName, time, time - _before, time + _after, streamTime);
            return;
        }
        bool met = false;
        foreach ((long otherTime, TOther other) in _other.Fetch(record.Key, Math.Max(0, time - _before), time + _after))
        {
            met = true;
            _unmatched?.Met(new UnmatchedKey<TKey>(otherTime, !isLeft, record.Key));
            Context.Forward(record.WithValue(Result(record.Key, record.Value, other)).WithTimestamp(Math.Max(time, otherTime)));
        }
        if (!met && _alone)
            _unmatched!.Add(new UnmatchedKey<TKey>(time, isLeft, record.Key), Alone(record.Value));
    }

    protected abstract TResult Result(TKey key, TThis value, TOther other);

    protected abstract Unmatched<TLeft, TRight> Alone(TThis value);

    private void GiveAlone(UnmatchedKey<TKey> key, Unmatched<TLeft, TRight> value)
    {
        try
        {
            Context.Forward(new Record<TKey, TResult>(key.Key, join.Joiner(key.Key, value.Left, value.Right), key.Timestamp));
        }
        catch (Exception exception) when (Tasks.StreamTask.IsRecordFailure(exception))
        {
            // Neither the others that close nor the record in process are to be lost for it.
            _operator.Failed(exception);
        }
    }
}

internal sealed class StreamJoinLeft<TKey, TLeft, TRight, TResult>(StreamJoin<TKey, TLeft, TRight, TResult> join)
    : StreamJoinSide<TKey, TLeft, TRight, TLeft, TRight, TResult>(join, isLeft: true) where TKey : notnull
{
    private readonly Func<TKey, TLeft, TRight, TResult> _joiner = join.Joiner;

    protected override TResult Result(TKey key, TLeft value, TRight other) => _joiner(key, value, other);

    protected override Unmatched<TLeft, TRight> Alone(TLeft value) => new(value, default!);
}

internal sealed class StreamJoinRight<TKey, TLeft, TRight, TResult>(StreamJoin<TKey, TLeft, TRight, TResult> join)
    : StreamJoinSide<TKey, TRight, TLeft, TLeft, TRight, TResult>(join, isLeft: false) where TKey : notnull
{
    private readonly Func<TKey, TLeft, TRight, TResult> _joiner = join.Joiner;

    protected override TResult Result(TKey key, TRight value, TLeft other) => _joiner(key, other, value);

    protected override Unmatched<TLeft, TRight> Alone(TRight value) => new(default!, value);
}
