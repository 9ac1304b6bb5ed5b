using System.Buffers;
using Assay.Streams.Internal.Nodes;

namespace Assay.Streams.Internal.Dsl;

/// <summary>What a change of a table's row means to one group: a value goes out of it, comes into it, or both.</summary>
internal readonly record struct GroupedChange<TValue>(TValue New, bool HasNew, TValue Old, bool HasOld);

/// <summary>How the values of a group become an aggregate: the first of it, each one more, and each one less.</summary>
internal sealed record TableAggregation<TKey, TValue, TAggregate>(
    Func<TKey, TValue, TAggregate> First, Func<TKey, TValue, TAggregate, TAggregate> Add, Func<TKey, TValue, TAggregate, TAggregate> Subtract);

/// <summary>Gives both sides of a change their group. Where they differ, the old one hears of it first (rule 16); what has no group, or no value in it, is left out.</summary>
internal sealed class TableGroupProcessor<TKey, TValue, TNewKey, TNewValue>(Func<TKey, TValue, KeyValuePair<TNewKey, TNewValue>> selector)
    : StatelessProcessor<TKey, Change<TValue>, TNewKey, GroupedChange<TNewValue>> where TNewKey : notnull
{
    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        Change<TValue> change = record.Value;
        if (change.OutOfOrder)
            return;
        KeyValuePair<TNewKey, TNewValue> added = change.New is null ? default : selector(record.Key, change.New);
        KeyValuePair<TNewKey, TNewValue> removed = change.HasOld ? selector(record.Key, change.Old) : default;
        bool adds = change.New is not null && added is { Key: not null, Value: not null };
        bool removes = change.HasOld && removed is { Key: not null, Value: not null };
        if (adds && removes && EqualityComparer<TNewKey>.Default.Equals(added.Key, removed.Key))
        {
            Forward(in record, added.Key!, new GroupedChange<TNewValue>(added.Value, true, removed.Value, true));
            return;
        }
        if (removes)
            Forward(in record, removed.Key!, new GroupedChange<TNewValue>(default!, false, removed.Value, true));
        if (adds)
            Forward(in record, added.Key!, new GroupedChange<TNewValue>(added.Value, true, default!, false));
    }

    private void Forward(in Record<TKey, Change<TValue>> record, TNewKey key, GroupedChange<TNewValue> change) =>
        Context.Forward(new Record<TNewKey, GroupedChange<TNewValue>>(key, change, record.Timestamp, record.Headers));
}

/// <summary>Subtracts the old value of a change and then adds the new one (rule 16); the result's time is the latest seen (rule 12).</summary>
internal sealed class TableAggregateProcessor<TKey, TValue, TAggregate>(string store, TableAggregation<TKey, TValue, TAggregate> aggregation)
    : StatelessProcessor<TKey, GroupedChange<TValue>, TKey, Change<TAggregate>> where TKey : notnull
{
    private IKeyValueStore<TKey, ValueAndTimestamp<TAggregate>> _store = null!;

    public override void Init(IProcessorContext<TKey, Change<TAggregate>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IKeyValueStore<TKey, ValueAndTimestamp<TAggregate>>>(store);
    }

    public override void Process(in Record<TKey, GroupedChange<TValue>> record)
    {
        if (record.Key is null)
        {
            ((IOperatorContext)Context).Drop().RecordNotAggregated(store);
            return;
        }
        GroupedChange<TValue> change = record.Value;
        bool hasOld = _store.TryGet(record.Key, out ValueAndTimestamp<TAggregate> old);
        TAggregate result = old.Value;
        bool hasResult = hasOld;
        if (change.HasOld && hasOld)
        {
            result = aggregation.Subtract(record.Key, change.Old, result);
            hasResult = result is not null;
        }
        if (change.HasNew)
        {
            result = hasResult ? aggregation.Add(record.Key, change.New, result) : aggregation.First(record.Key, change.New);
            hasResult = result is not null;
        }
        long timestamp = hasOld ? Math.Max(old.Timestamp, record.Timestamp) : record.Timestamp;
        if (hasResult)
            _store.Put(record.Key, new ValueAndTimestamp<TAggregate>(result, timestamp));
        else if (!_store.Delete(record.Key) && !Nulls.In<TAggregate>())
            return;
        Context.Forward(new Record<TKey, Change<TAggregate>>(record.Key, new Change<TAggregate>(result, old.Value, hasOld), timestamp, record.Headers));
    }
}

/// <summary>Kafka Streams' form: the old value and a zero, the new value and a one, or the new value's length as a zigzag varint, the new value, the old one and a two.</summary>
internal sealed class GroupedChangeSerde<TValue>(ISerde<TValue> inner) : ISerde<GroupedChange<TValue>>
{
    private const byte OnlyOld = 0, OnlyNew = 1, Both = 2;

    public void Serialize(GroupedChange<TValue> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        if (value is { HasNew: true, HasOld: true })
        {
            ArrayBufferWriter<byte> added = new();
            inner.Serialize(value.New, added, in context);
            WriteVarint(added.WrittenCount, to);
            to.Write(added.WrittenSpan);
            inner.Serialize(value.Old, to, in context);
            to.Write([Both]);
        }
        else
        {
            inner.Serialize(value.HasNew ? value.New : value.Old, to, in context);
            to.Write([value.HasNew ? OnlyNew : OnlyOld]);
        }
    }

    public GroupedChange<TValue> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        if (bytes.IsEmpty)
            throw new FormatException("A grouped change is empty.");
        ReadOnlySpan<byte> body = bytes[..^1];
        switch (bytes[^1])
        {
            case OnlyOld:
                return new GroupedChange<TValue>(default!, false, inner.Deserialize(body, in context), true);
            case OnlyNew:
                return new GroupedChange<TValue>(inner.Deserialize(body, in context), true, default!, false);
            case Both:
                int length = ReadVarint(ref body);
                if (length < 0 || length > body.Length)
                    throw new FormatException($"A grouped change names a new value of {length} bytes, but has only {body.Length}.");
                return new GroupedChange<TValue>(inner.Deserialize(body[..length], in context), true, inner.Deserialize(body[length..], in context), true);
            default:
                throw new FormatException($"A grouped change ends with {bytes[^1]}: it must be 0, 1 or 2.");
        }
    }

    private static void WriteVarint(int value, IBufferWriter<byte> to)
    {
        for (uint left = (uint)value << 1; ; left >>= 7)
        {
            if (left < 0x80)
            {
                to.Write([(byte)left]);
                return;
            }
            to.Write([(byte)(left | 0x80)]);
        }
    }

    private static int ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        uint value = 0;
        for (int i = 0; i < 5 && i < bytes.Length; i++)
        {
            value |= (uint)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return (int)(value >> 1);
            }
        }
        throw new FormatException("A grouped change begins with an endless number.");
    }
}
