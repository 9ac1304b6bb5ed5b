using Assay.Streams.Internal.Nodes;

namespace Assay.Streams.Internal.Dsl;

/// <summary>How values become an aggregate: the first one of a key, and each one after.</summary>
internal sealed record Aggregation<TKey, TValue, TAggregate>(Func<TKey, TValue, TAggregate> First, Func<TKey, TValue, TAggregate, TAggregate> Next)
{
    /// <summary>What a record does to the aggregate under a key; the result's time is the latest seen (rule 12).</summary>
    public Record<TStoreKey, Change<TAggregate>> Update<TStoreKey>(TStoreKey key, bool hasOld, in ValueAndTimestamp<TAggregate> old, in Record<TKey, TValue> record) => new(
        key, new Change<TAggregate>(hasOld ? Next(record.Key, record.Value, old.Value) : First(record.Key, record.Value), old.Value, hasOld),
        hasOld ? Math.Max(old.Timestamp, record.Timestamp) : record.Timestamp, record.Headers);
}

internal static class Aggregation
{
    public static Aggregation<TKey, TValue, long> Count<TKey, TValue>() => new((_, _) => 1, (_, _, count) => count + 1);

    public static Aggregation<TKey, TValue, TValue> Reduce<TKey, TValue>(Func<TValue, TValue, TValue> reducer) =>
        new((_, value) => value, (_, value, result) => reducer(result, value));

    public static Aggregation<TKey, TValue, TAggregate> Of<TKey, TValue, TAggregate>(
        Func<TAggregate> initializer, Func<TKey, TValue, TAggregate, TAggregate> aggregator) => new((key, value) => aggregator(key, value, initializer()), aggregator);
}

/// <summary>Takes the records that have a key and a value.</summary>
internal abstract class AggregateProcessorBase<TKey, TValue, TStoreKey, TAggregate>(string store) : IProcessor<TKey, TValue, TStoreKey, Change<TAggregate>>
    where TStoreKey : notnull
{
    protected IProcessorContext<TStoreKey, Change<TAggregate>> Context { get; private set; } = null!;

    public virtual void Init(IProcessorContext<TStoreKey, Change<TAggregate>> context) => Context = context;

    public void Process(in Record<TKey, TValue> record)
    {
        if (record.Key is null || record.Value is null)
            ((IOperatorContext)Context).Drop().RecordNotAggregated(store);
        else
            Add(in record);
    }

    protected abstract void Add(in Record<TKey, TValue> record);
}

/// <summary>Aggregates per key.</summary>
internal sealed class AggregateProcessor<TKey, TValue, TAggregate>(string store, Aggregation<TKey, TValue, TAggregate> aggregation)
    : AggregateProcessorBase<TKey, TValue, TKey, TAggregate>(store) where TKey : notnull
{
    private readonly string _name = store;
    private IKeyValueStore<TKey, ValueAndTimestamp<TAggregate>> _store = null!;

    public override void Init(IProcessorContext<TKey, Change<TAggregate>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IKeyValueStore<TKey, ValueAndTimestamp<TAggregate>>>(_name);
    }

    protected override void Add(in Record<TKey, TValue> record)
    {
        bool hasOld = _store.TryGet(record.Key, out ValueAndTimestamp<TAggregate> old);
        Record<TKey, Change<TAggregate>> update = aggregation.Update(record.Key, hasOld, in old, in record);
        if (update.Value.New is null)
            _store.Delete(record.Key);
        else
            _store.Put(record.Key, new ValueAndTimestamp<TAggregate>(update.Value.New, update.Timestamp));
        Context.Forward(in update);
    }
}
