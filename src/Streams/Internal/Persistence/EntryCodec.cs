using System.Buffers;
using System.Buffers.Binary;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Persistence;

/// <summary>A database's bytes for a store's entries: <c>1</c> and the laid out key has the value, <c>2</c>, a time and the laid out key has nothing and finds
/// entries by time. Has buffers of its own, so it is used by one thread at a time; what it gives holds until the next call.</summary>
internal sealed class EntryCodec<TKey, TValue>(StoreFormat<TKey, TValue> format, KeyLayout layout, string changelogTopic) where TKey : notnull
{
    public const byte EntryPrefix = 1;
    public const byte TimePrefix = 2;
    public const int TimeLength = 1 + sizeof(long);

    private readonly ArrayBufferWriter<byte> _serialized = new();
    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _value = new();

    public SerdeContext KeyContext { get; } = new(changelogTopic, IsKey: true);

    public SerdeContext ValueContext { get; } = new(changelogTopic, IsKey: false);

    public ReadOnlySpan<byte> EntryKey(TKey key)
    {
        _serialized.ResetWrittenCount();
        format.KeySerde.Serialize(key, _serialized, KeyContext);
        _key.ResetWrittenCount();
        _key.Write([EntryPrefix]);
        layout.Encode(_serialized.WrittenSpan, _key);
        return _key.WrittenSpan;
    }

    /// <summary>Null where entries have no time.</summary>
    public byte[]? TimeKey(TKey key)
    {
        if (format.Time is null)
            return null;
        ReadOnlySpan<byte> laidOut = EntryKey(key)[1..];
        byte[] bytes = new byte[TimeLength + laidOut.Length];
        WriteTime(format.Time(key), bytes);
        laidOut.CopyTo(bytes.AsSpan(TimeLength));
        return bytes;
    }

    public TKey KeyOf(ReadOnlySpan<byte> laidOut)
    {
        _serialized.ResetWrittenCount();
        layout.Decode(laidOut, _serialized);
        return format.KeySerde.Deserialize(_serialized.WrittenSpan, KeyContext);
    }

    public TValue ValueOf(ReadOnlySpan<byte> bytes) => format.ReadStored(bytes, ValueContext);

    public ReadOnlySpan<byte> Value(TValue value)
    {
        _value.ResetWrittenCount();
        format.WriteStored(value, _value, ValueContext);
        return _value.WrittenSpan;
    }

    /// <summary>The first time key of <paramref name="from"/>, and what is beyond the last of <paramref name="to"/>.</summary>
    public static (byte[] First, byte[] End) TimeBounds(long from, long to)
    {
        byte[] first = new byte[TimeLength], end = new byte[TimeLength];
        WriteTime(from, first);
        if (to == long.MaxValue)
            return (first, [TimePrefix + 1]);
        WriteTime(to + 1, end);
        return (first, end);
    }

    public static long TimeOf(ReadOnlySpan<byte> timeKey) => BinaryPrimitives.ReadInt64BigEndian(timeKey[1..]) ^ long.MinValue;

    /// <summary>The key of the entry that a time key finds.</summary>
    public static byte[] EntryKeyOf(ReadOnlySpan<byte> timeKey)
    {
        byte[] entryKey = timeKey[(TimeLength - 1)..].ToArray();
        entryKey[0] = EntryPrefix;
        return entryKey;
    }

    /// <summary>The smallest key that is larger.</summary>
    public static byte[] After(ReadOnlySpan<byte> key)
    {
        byte[] after = new byte[key.Length + 1];
        key.CopyTo(after);
        return after;
    }

    private static void WriteTime(long time, Span<byte> to)
    {
        to[0] = TimePrefix;
        BinaryPrimitives.WriteInt64BigEndian(to[1..], time ^ long.MinValue);
    }
}
