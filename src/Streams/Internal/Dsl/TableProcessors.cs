using Assay.Streams.Internal.Nodes;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Makes a table of a topic's records. One that comes out of order replaces a later one all the same, and is logged (rule 16).</summary>
internal sealed class TableSourceProcessor<TKey, TValue>(string store, string topic) : StatelessProcessor<TKey, TValue, TKey, Change<TValue>> where TKey : notnull
{
    private IKeyValueStore<TKey, ValueAndTimestamp<TValue>> _store = null!;

    public override void Init(IProcessorContext<TKey, Change<TValue>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IKeyValueStore<TKey, ValueAndTimestamp<TValue>>>(store);
    }

    public override void Process(in Record<TKey, TValue> record)
    {
        if (record.Key is null)
        {
            ((IOperatorContext)Context).Drop().RecordWithoutKey(topic);
            return;
        }
        bool hasOld = _store.TryGet(record.Key, out ValueAndTimestamp<TValue> old);
        if (hasOld && record.Timestamp < old.Timestamp)
            ((IOperatorContext)Context).Log.UpdateOutOfOrder(topic, record.Timestamp, old.Timestamp);
        if (record.Value is null)
            _store.Delete(record.Key);
        else
            _store.Put(record.Key, new ValueAndTimestamp<TValue>(record.Value, record.Timestamp));
        Context.Forward(record.WithValue(new Change<TValue>(record.Value, old.Value, hasOld)));
    }
}

/// <summary>Maps both sides of a change; a mapper that gives null deletes.</summary>
/// <param name="dropsNothing">Whether a change from nothing to nothing ends here.</param>
internal sealed class TableMapProcessor<TKey, TValue, TNewValue>(Func<TKey, TValue, TNewValue> mapper, bool dropsNothing)
    : StatelessProcessor<TKey, Change<TValue>, TKey, Change<TNewValue>>
{
    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        Change<TValue> change = record.Value;
        TNewValue old = change.HasOld ? mapper(record.Key, change.Old) : default!;
        TNewValue changed = mapper(record.Key, change.New);
        if (!dropsNothing || changed is not null || old is not null)
            Context.Forward(record.WithValue(new Change<TNewValue>(changed, old, change.HasOld && old is not null, change.OutOfOrder)));
    }
}

/// <summary>Maps the new side of a change and keeps it: the old side is what was kept.</summary>
/// <param name="dropsNothing">Whether a change from nothing to nothing ends here.</param>
internal sealed class StoredTableMapProcessor<TKey, TValue, TNewValue>(string store, Func<TKey, TValue, TNewValue> mapper, bool dropsNothing)
    : StatelessProcessor<TKey, Change<TValue>, TKey, Change<TNewValue>> where TKey : notnull
{
    private IKeyValueStore<TKey, ValueAndTimestamp<TNewValue>> _store = null!;

    public override void Init(IProcessorContext<TKey, Change<TNewValue>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IKeyValueStore<TKey, ValueAndTimestamp<TNewValue>>>(store);
    }

    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        TNewValue mapped = mapper(record.Key, record.Value.New);
        bool hasOld = _store.TryGet(record.Key, out ValueAndTimestamp<TNewValue> old);
        if (dropsNothing && mapped is null && !hasOld)
            return;
        if (mapped is null)
            _store.Delete(record.Key);
        else
            _store.Put(record.Key, new ValueAndTimestamp<TNewValue>(mapped, record.Timestamp));
        Context.Forward(record.WithValue(new Change<TNewValue>(mapped, old.Value, hasOld)));
    }
}

internal sealed class ToStreamProcessor<TKey, TValue> : StatelessProcessor<TKey, Change<TValue>, TKey, TValue>
{
    public override void Process(in Record<TKey, Change<TValue>> record) => Context.Forward(record.WithValue(record.Value.New));
}
