using System.Buffers;
using System.Buffers.Binary;

namespace Assay.Streams.Internal.State;

/// <summary>The stores of tables, with the changelogs of Kafka Streams' timestamped stores.</summary>
internal static class TableStores
{
    public static StoreBuilder Table<TKey, TValue>(string name, Materialized<TKey, TValue> materialized) where TKey : notnull =>
        Stores.KeyValueStore(name, materialized.KeySerde, new TimestampedSerde<TValue>(materialized.ValueSerde));

    /// <summary>A window store, in order of start and then key. What is taken out after its retention gets a tombstone: were it left to the topic's own
    /// retention, that would go by the wall clock and delete open windows of recorded data.</summary>
    public static StoreBuilder Windows<TKey, TValue>(string name, long size, Materialized<TKey, TValue> materialized) where TKey : notnull => Stores.KeyValueStore(
        name, new WindowKeySerde<TKey>(materialized.KeySerde, size, withSequence: true), new TimestampedSerde<TValue>(materialized.ValueSerde), new WindowOrder<TKey>(materialized.KeySerde));
}

/// <summary>A serde for values with a time, which a changelog carries as its record's timestamp, not in the bytes.</summary>
internal interface ITimedSerde<TValue>
{
    /// <summary>Appends the bytes without the time, and gives that.</summary>
    long Write(TValue value, IBufferWriter<byte> to, in SerdeContext context);

    TValue Read(ReadOnlySpan<byte> bytes, long timestamp, in SerdeContext context);
}

/// <summary>In a store, eight bytes of timestamp, big-endian, then the value; in a changelog, the value alone.</summary>
internal sealed class TimestampedSerde<TValue>(ISerde<TValue> inner) : ISerde<ValueAndTimestamp<TValue>>, ITimedSerde<ValueAndTimestamp<TValue>>
{
    public long Write(ValueAndTimestamp<TValue> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        inner.Serialize(value.Value, to, in context);
        return value.Timestamp;
    }

    public ValueAndTimestamp<TValue> Read(ReadOnlySpan<byte> bytes, long timestamp, in SerdeContext context) =>
        new(inner.Deserialize(bytes, in context), timestamp);

    public void Serialize(ValueAndTimestamp<TValue> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        Serdes.Long.Serialize(value.Timestamp, to, in context);
        inner.Serialize(value.Value, to, in context);
    }

    public ValueAndTimestamp<TValue> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) =>
        new(inner.Deserialize(bytes[sizeof(long)..], in context), BinaryPrimitives.ReadInt64BigEndian(bytes));
}

/// <summary>The key, eight bytes of window start, big-endian; in a changelog, four bytes of sequence number more. That is zero here, since a
/// window holds one value of a key.</summary>
internal sealed class WindowKeySerde<TKey>(ISerde<TKey> inner, long size, bool withSequence) : ISerde<Windowed<TKey>>
{
    private readonly int _suffix = withSequence ? sizeof(long) + sizeof(int) : sizeof(long);

    public void Serialize(Windowed<TKey> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        inner.Serialize(value.Key, to, in context);
        Serdes.Long.Serialize(value.Window.Start, to, in context);
        if (withSequence)
            Serdes.Integer.Serialize(0, to, in context);
    }

    public Windowed<TKey> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int length = bytes.Length - _suffix;
        if (length < 0)
            throw new FormatException($"A windowed key ends with {_suffix} bytes of its window, these are {bytes.Length} in all.");
        long start = BinaryPrimitives.ReadInt64BigEndian(bytes[length..]);
        return new Windowed<TKey>(inner.Deserialize(bytes[..length], in context), new TimeWindow(start, start + size));
    }
}

/// <summary>By start, then end, then key: since all windows of a store have one size, a bound with another end sorts beside all keys of its start.</summary>
internal sealed class WindowOrder<TKey>(ISerde<TKey> serde) : IComparer<Windowed<TKey>>
{
    private static readonly IComparer<TKey>? KeyOrder = typeof(TKey) == typeof(string) ? (IComparer<TKey>)(object)StringComparer.Ordinal
        : typeof(IComparable<TKey>).IsAssignableFrom(typeof(TKey)) ? Comparer<TKey>.Default : null;

    public int Compare(Windowed<TKey> x, Windowed<TKey> y)
    {
        int order = x.Window.Start.CompareTo(y.Window.Start);
        if (order == 0)
            order = x.Window.End.CompareTo(y.Window.End);
        return order != 0 ? order : KeyOrder?.Compare(x.Key, y.Key) ?? Bytes(x.Key).SequenceCompareTo(Bytes(y.Key));
    }

    /// <summary>For keys without an order of their own.</summary>
    private ReadOnlySpan<byte> Bytes(TKey key)
    {
        ArrayBufferWriter<byte> bytes = new();
        serde.Serialize(key, bytes, new SerdeContext("", IsKey: true));
        return bytes.WrittenSpan;
    }
}
