using System.Buffers;
using System.Buffers.Binary;

namespace Assay.Streams.Internal.State;

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

/// <summary>Windowed keys in topics: the key, then eight bytes of window start, big-endian.</summary>
internal sealed class TimeWindowedSerde<TKey>(ISerde<TKey> inner, long size) : ISerde<Windowed<TKey>>
{
    public void Serialize(Windowed<TKey> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        inner.Serialize(value.Key, to, in context);
        Serdes.Long.Serialize(value.Window.Start, to, in context);
    }

    public Windowed<TKey> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int length = Suffix.Start(bytes, sizeof(long), "windowed");
        long start = BinaryPrimitives.ReadInt64BigEndian(bytes[length..]);
        return new Windowed<TKey>(inner.Deserialize(bytes[..length], in context), new TimeWindow(start, start + size));
    }
}

/// <summary>Session keys in topics and stores: the key, then eight bytes of end and eight of start, big-endian.</summary>
internal sealed class SessionWindowedSerde<TKey>(ISerde<TKey> inner) : ISerde<Windowed<TKey>>
{
    public void Serialize(Windowed<TKey> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        inner.Serialize(value.Key, to, in context);
        Serdes.Long.Serialize(value.Window.End, to, in context);
        Serdes.Long.Serialize(value.Window.Start, to, in context);
    }

    public Windowed<TKey> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int length = Suffix.Start(bytes, 2 * sizeof(long), "session");
        long end = BinaryPrimitives.ReadInt64BigEndian(bytes[length..]);
        long start = BinaryPrimitives.ReadInt64BigEndian(bytes[(length + sizeof(long))..]);
        return new Windowed<TKey>(inner.Deserialize(bytes[..length], in context), new TimeWindow(start, end));
    }
}

/// <summary>The key, eight bytes of window start and four of sequence number, big-endian.</summary>
internal sealed class WindowKeySerde<TKey>(ISerde<TKey> inner) : ISerde<WindowKey<TKey>>
{
    public void Serialize(WindowKey<TKey> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        inner.Serialize(value.Key, to, in context);
        Serdes.Long.Serialize(value.Start, to, in context);
        Serdes.Integer.Serialize(value.Sequence, to, in context);
    }

    public WindowKey<TKey> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int length = Suffix.Start(bytes, sizeof(long) + sizeof(int), "window store's");
        return new WindowKey<TKey>(
            inner.Deserialize(bytes[..length], in context), BinaryPrimitives.ReadInt64BigEndian(bytes[length..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[(length + sizeof(long))..]));
    }
}

/// <summary>The key and eight bytes of the version's time, big-endian; in a changelog that is the record's timestamp.</summary>
internal sealed class VersionKeySerde<TKey>(ISerde<TKey> inner) : ISerde<VersionKey<TKey>>
{
    public void Serialize(VersionKey<TKey> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        inner.Serialize(value.Key, to, in context);
        Serdes.Long.Serialize(value.ValidFrom, to, in context);
    }

    public VersionKey<TKey> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int length = Suffix.Start(bytes, sizeof(long), "version's");
        return new VersionKey<TKey>(inner.Deserialize(bytes[..length], in context), BinaryPrimitives.ReadInt64BigEndian(bytes[length..]));
    }
}

/// <summary>Key of a window store's core.</summary>
/// <param name="Sequence">Tells duplicates apart, in the order in which they were put: zero for the first.</param>
internal readonly record struct WindowKey<TKey>(TKey Key, long Start, int Sequence);

/// <summary>Key of a versioned store's core.</summary>
internal readonly record struct VersionKey<TKey>(TKey Key, long ValidFrom);

internal static class Suffix
{
    /// <summary>Where the suffix of a key begins.</summary>
    public static int Start(ReadOnlySpan<byte> bytes, int suffix, string what) => bytes.Length >= suffix
        ? bytes.Length - suffix
        : throw new FormatException($"A {what} key ends with {suffix} bytes of its times, these are {bytes.Length} in all.");
}
