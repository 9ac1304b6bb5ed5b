using System.Buffers;
using System.Buffers.Binary;

namespace Assay.Streams.Internal.Dsl;

/// <summary>An update that is held back.</summary>
/// <param name="Change">The last value, and what stood there before the first update of those that are held back.</param>
/// <param name="Time">When it was taken in: it comes out by that time.</param>
/// <param name="Timestamp">The last update's own.</param>
/// <param name="Order">Its place among those taken in at the same time: the key's bytes.</param>
internal sealed record HeldBack<TValue>(Change<TValue> Change, long Time, long Timestamp, byte[] Order);

/// <summary>Holds a table's updates back and lets the last of each key out when its time has come by stream time, or the buffer is full; in order of time and then key.</summary>
/// <param name="node">Its name, for messages.</param>
/// <param name="store">The buffer.</param>
/// <param name="delay">Milliseconds from the time by which an update is held back to its coming out.</param>
/// <param name="timeOf">The time by which a key is held back; null: the time of its first update.</param>
/// <param name="buffer">How much may be held back.</param>
/// <param name="keySerde">Of the buffer.</param>
/// <param name="valueSerde">Of the buffer.</param>
internal sealed class SuppressProcessor<TKey, TValue>(
    string node, string store, long delay, Func<TKey, long>? timeOf, BufferConfig buffer, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    : StatelessProcessor<TKey, Change<TValue>, TKey, Change<TValue>> where TKey : notnull
{
    private static readonly Comparer<(long Time, byte[] Order, TKey Key)> ByTime = Comparer<(long Time, byte[] Order, TKey Key)>.Create(
        (x, y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : x.Order.AsSpan().SequenceCompareTo(y.Order));

    private readonly SortedSet<(long Time, byte[] Order, TKey Key)> _queue = new(ByTime);
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private IKeyValueStore<TKey, HeldBack<TValue>> _store = null!;
    private long _size;

    public override void Init(IProcessorContext<TKey, Change<TValue>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<IKeyValueStore<TKey, HeldBack<TValue>>>(store);
        foreach ((TKey key, HeldBack<TValue> held) in _store.All())
        {
            _queue.Add((held.Time, held.Order, key));
            _size += Size(held);
        }
        context.Schedule(TimeSpan.FromMilliseconds(1), PunctuationType.StreamTime, LetOut);
    }

    public override void Process(in Record<TKey, Change<TValue>> record)
    {
        HeldBack<TValue> held;
        if (_store.TryGet(record.Key, out HeldBack<TValue>? before))
        {
            _size -= Size(before);
            held = before with { Change = before.Change with { New = record.Value.New }, Timestamp = record.Timestamp };
        }
        else
        {
            held = new HeldBack<TValue>(record.Value, timeOf?.Invoke(record.Key) ?? record.Timestamp, record.Timestamp, Bytes(record.Key));
            _queue.Add((held.Time, held.Order, record.Key));
        }
        _store.Put(record.Key, held);
        _size += Size(held);
        LetOut(Context.CurrentStreamTime);
        while (_queue.Count > buffer.MostRecords || _size > buffer.MostBytes)
        {
            if (!buffer.EmitsEarly)
                throw new StreamsException($"The buffer of '{node}' is full with {_queue.Count} records, {_size} bytes: raise its limit, or let it emit early when full.");
            LetOutFirst();
        }
    }

    private void LetOut(long streamTime)
    {
        while (_queue.Count > 0 && _queue.Min.Time <= streamTime - delay)
            LetOutFirst();
    }

    private void LetOutFirst()
    {
        (long Time, byte[] Order, TKey Key) first = _queue.Min;
        HeldBack<TValue> held = _store.Get(first.Key)!;
        _queue.Remove(first);
        _store.Delete(first.Key);
        _size -= Size(held);
        // Before a window closes nothing of it came out that a deletion could delete.
        if (held.Change.New is not null || timeOf is null)
            Context.Forward(new Record<TKey, Change<TValue>>(first.Key, held.Change, held.Timestamp));
    }

    /// <summary>Known only where it is limited.</summary>
    private long Size(HeldBack<TValue> held)
    {
        if (buffer.MostBytes == long.MaxValue)
            return 0;
        if (held.Change.New is null)
            return held.Order.Length;
        _bytes.ResetWrittenCount();
        valueSerde.Serialize(held.Change.New, _bytes, new SerdeContext(store, IsKey: false));
        return held.Order.Length + _bytes.WrittenCount;
    }

    private byte[] Bytes(TKey key)
    {
        _bytes.ResetWrittenCount();
        keySerde.Serialize(key, _bytes, new SerdeContext(store, IsKey: true));
        return _bytes.WrittenSpan.ToArray();
    }
}

/// <summary>Two times in eight bytes each, big-endian; the lengths of key, new and old value in four bytes each, −1 for none; then those.</summary>
internal sealed class HeldBackSerde<TValue>(ISerde<TValue> inner) : ISerde<HeldBack<TValue>>
{
    private const int Head = 2 * sizeof(long) + 3 * sizeof(int);

    public void Serialize(HeldBack<TValue> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        ArrayBufferWriter<byte> added = new(), removed = new();
        if (value.Change.New is not null)
            inner.Serialize(value.Change.New, added, in context);
        if (value.Change.HasOld)
            inner.Serialize(value.Change.Old, removed, in context);
        Span<byte> head = to.GetSpan(Head);
        BinaryPrimitives.WriteInt64BigEndian(head, value.Time);
        BinaryPrimitives.WriteInt64BigEndian(head[8..], value.Timestamp);
        BinaryPrimitives.WriteInt32BigEndian(head[16..], value.Order.Length);
        BinaryPrimitives.WriteInt32BigEndian(head[20..], value.Change.New is null ? -1 : added.WrittenCount);
        BinaryPrimitives.WriteInt32BigEndian(head[24..], value.Change.HasOld ? removed.WrittenCount : -1);
        to.Advance(Head);
        to.Write(value.Order);
        to.Write(added.WrittenSpan);
        to.Write(removed.WrittenSpan);
    }

    public HeldBack<TValue> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        if (bytes.Length < Head)
            throw new FormatException($"A suppressed update has at least {Head} bytes, these are {bytes.Length}.");
        int order = BinaryPrimitives.ReadInt32BigEndian(bytes[16..]);
        int added = BinaryPrimitives.ReadInt32BigEndian(bytes[20..]), removed = BinaryPrimitives.ReadInt32BigEndian(bytes[24..]);
        ReadOnlySpan<byte> body = bytes[Head..];
        if (order < 0 || (long)order + Math.Max(added, 0) + Math.Max(removed, 0) != body.Length)
            throw new FormatException($"A suppressed update's lengths {order}, {added} and {removed} do not make its {body.Length} bytes.");
        TValue change = added < 0 ? default! : inner.Deserialize(body.Slice(order, added), in context);
        TValue old = removed < 0 ? default! : inner.Deserialize(body[^removed..], in context);
        return new HeldBack<TValue>(
            new Change<TValue>(change, old, removed >= 0), BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]), body[..order].ToArray());
    }
}
