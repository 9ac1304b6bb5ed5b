using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.State;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Looks up each record's key in a table; in a versioned one, as of the record's own time. The result has the later time of both (rule 12).</summary>
internal class StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(
    TableView<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, bool left) : StatelessProcessor<TKey, TValue, TKey, TResult> where TKey : notnull
{
    private TableReader<TKey, TTable> _read = null!;

    public override void Init(IProcessorContext<TKey, TResult> context)
    {
        base.Init(context);
        _read = table.Open(context);
    }

    public override void Process(in Record<TKey, TValue> record)
    {
        if (record.Value is null || (record.Key is null && !left))
            ((IOperatorContext)Context).Drop().RecordNotJoined();
        else if (record.Key is null)
            Context.Forward(record.WithValue(joiner(record.Key!, record.Value, default!)));
        else
            Take(in record);
    }

    protected virtual void Take(in Record<TKey, TValue> record) => Join(in record);

    protected void Join(in Record<TKey, TValue> record)
    {
        if (_read(record.Key, record.Timestamp, out ValueAndTimestamp<TTable> found))
            Context.Forward(record.WithValue(joiner(record.Key, record.Value, found.Value)).WithTimestamp(Math.Max(record.Timestamp, found.Timestamp)));
        else if (left)
            Context.Forward(record.WithValue(joiner(record.Key, record.Value, default!)));
    }
}

/// <summary>Holds records back until stream time is past them by the grace, so that updates of the table that come late are seen; then joins them in order of time, at equal times
/// by key (KIP-923). One that is as late itself is joined at once.</summary>
/// <remarks>The buffer is a window store whose retention is the grace: what leaves it is what is joined. A record that stream time has passed was joined before the commit that
/// stream time is part of, so a restart neither repeats nor loses one.</remarks>
internal sealed class BufferedStreamTableJoinProcessor<TKey, TValue, TTable, TResult>(
    TableView<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, bool left, string buffer, long grace)
    : StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(table, joiner, left) where TKey : notnull
{
    private WindowStore<TKey, Buffered<TValue>> _buffer = null!;

    /// <summary>Up to here all are joined.</summary>
    private long _joined;

    public override void Init(IProcessorContext<TKey, TResult> context)
    {
        base.Init(context);
        _buffer = context.GetStateStore<WindowStore<TKey, Buffered<TValue>>>(buffer);
        _joined = context.CurrentStreamTime - grace;
        context.Schedule(TimeSpan.FromMilliseconds(1), PunctuationType.StreamTime, Release);
    }

    public override void Process(in Record<TKey, TValue> record)
    {
        Release(Context.CurrentStreamTime);
        base.Process(in record);
    }

    protected override void Take(in Record<TKey, TValue> record)
    {
        if (record.Timestamp <= _joined)
            Join(in record);
        else
            _buffer.Put(record.Key, new Buffered<TValue>(record.Value, record.Headers), record.Timestamp);
    }

    private void Release(long streamTime)
    {
        long until = streamTime - grace;
        if (until <= _joined)
            return;
        long from = _joined + 1;
        _joined = until;
        foreach ((Windowed<TKey> key, Buffered<TValue> held) in _buffer.FetchStored(from, until))
        {
            try
            {
                Join(new Record<TKey, TValue>(key.Key, held.Value, key.Window.Start, held.Headers));
            }
            catch (Exception exception) when (StreamTask.IsRecordFailure(exception))
            {
                // Neither the others that are due nor the record in process are to be lost for it.
                ((IOperatorContext)Context).Failed(exception);
            }
        }
    }
}
