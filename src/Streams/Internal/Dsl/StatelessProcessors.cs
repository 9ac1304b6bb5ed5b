namespace Assay.Streams.Internal.Dsl;

/// <summary>A step that keeps nothing but its context.</summary>
internal abstract class StatelessProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut> : IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>
{
    protected IProcessorContext<TKeyOut, TValueOut> Context { get; private set; } = null!;

    public virtual void Init(IProcessorContext<TKeyOut, TValueOut> context) => Context = context;

    public abstract void Process(in Record<TKeyIn, TValueIn> record);
}

internal sealed class FilterProcessor<TKey, TValue>(Func<TKey, TValue, bool> predicate, bool keep) : StatelessProcessor<TKey, TValue, TKey, TValue>
{
    public override void Process(in Record<TKey, TValue> record)
    {
        if (predicate(record.Key, record.Value) == keep)
            Context.Forward(in record);
    }
}

internal sealed class MapProcessor<TKey, TValue, TNewKey, TNewValue>(Func<TKey, TValue, KeyValuePair<TNewKey, TNewValue>> mapper)
    : StatelessProcessor<TKey, TValue, TNewKey, TNewValue>
{
    public override void Process(in Record<TKey, TValue> record)
    {
        (TNewKey key, TNewValue value) = mapper(record.Key, record.Value);
        Context.Forward(new Record<TNewKey, TNewValue>(key, value, record.Timestamp, record.Headers));
    }
}

internal sealed class MapValuesProcessor<TKey, TValue, TNewValue>(Func<TKey, TValue, TNewValue> mapper) : StatelessProcessor<TKey, TValue, TKey, TNewValue>
{
    public override void Process(in Record<TKey, TValue> record) => Context.Forward(record.WithValue(mapper(record.Key, record.Value)));
}

internal sealed class FlatMapProcessor<TKey, TValue, TNewKey, TNewValue>(Func<TKey, TValue, IEnumerable<KeyValuePair<TNewKey, TNewValue>>> mapper)
    : StatelessProcessor<TKey, TValue, TNewKey, TNewValue>
{
    public override void Process(in Record<TKey, TValue> record)
    {
        foreach ((TNewKey key, TNewValue value) in mapper(record.Key, record.Value))
            Context.Forward(new Record<TNewKey, TNewValue>(key, value, record.Timestamp, record.Headers));
    }
}

internal sealed class FlatMapValuesProcessor<TKey, TValue, TNewValue>(Func<TKey, TValue, IEnumerable<TNewValue>> mapper)
    : StatelessProcessor<TKey, TValue, TKey, TNewValue>
{
    public override void Process(in Record<TKey, TValue> record)
    {
        foreach (TNewValue value in mapper(record.Key, record.Value))
            Context.Forward(record.WithValue(value));
    }
}

internal sealed class SelectKeyProcessor<TKey, TValue, TNewKey>(Func<TKey, TValue, TNewKey> selector) : StatelessProcessor<TKey, TValue, TNewKey, TValue>
{
    public override void Process(in Record<TKey, TValue> record) => Context.Forward(record.WithKey(selector(record.Key, record.Value)));
}

internal sealed class PassThroughProcessor<TKey, TValue> : StatelessProcessor<TKey, TValue, TKey, TValue>
{
    public override void Process(in Record<TKey, TValue> record) => Context.Forward(in record);
}

/// <summary>Sends each record to the child of the first predicate that holds, else to the one child more than there are predicates, if there is one.</summary>
internal sealed class BranchProcessor<TKey, TValue>(Func<TKey, TValue, bool>[] predicates, string[] children) : StatelessProcessor<TKey, TValue, TKey, TValue>
{
    public override void Process(in Record<TKey, TValue> record)
    {
        int branch = 0;
        while (branch < predicates.Length && !predicates[branch](record.Key, record.Value))
            branch++;
        if (branch < children.Length)
            Context.Forward(in record, children[branch]);
    }
}

internal sealed class PeekProcessor<TKey, TValue>(Action<TKey, TValue> action) : StatelessProcessor<TKey, TValue, TKey, TValue>
{
    public override void Process(in Record<TKey, TValue> record)
    {
        action(record.Key, record.Value);
        Context.Forward(in record);
    }
}
