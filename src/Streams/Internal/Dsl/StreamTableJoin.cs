using Assay.Streams.Internal.Nodes;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Looks up each record's key in a table. The result has the later time of both (rule 12).</summary>
internal sealed class StreamTableJoinProcessor<TKey, TValue, TTable, TResult>(
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
        {
            ((IOperatorContext)Context).Log.RecordNotJoined();
            return;
        }
        ValueAndTimestamp<TTable> found = default;
        if (record.Key is not null && _read(record.Key, record.Timestamp, out found))
            Context.Forward(record.WithValue(joiner(record.Key, record.Value, found.Value)).WithTimestamp(Math.Max(record.Timestamp, found.Timestamp)));
        else if (left)
            Context.Forward(record.WithValue(joiner(record.Key!, record.Value, default!)));
    }
}
