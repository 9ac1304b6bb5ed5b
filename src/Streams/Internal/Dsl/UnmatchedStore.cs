using System.Buffers;
using System.Buffers.Binary;
using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Dsl;

/// <summary>The store of <see cref="UnmatchedRecords{TKey, TLeft, TRight}"/>, with the changelog of Kafka Streams' stream joins.</summary>
internal static class UnmatchedStore
{
    public static StoreBuilder Of<TKey, TLeft, TRight>(string name, StreamJoined<TKey, TLeft, TRight> joined) where TKey : notnull
    {
        IComparer<TKey> keys = KeyOrder.Of(joined.KeySerde);
        return new KeyValueStoreBuilder<UnmatchedKey<TKey>, List<Unmatched<TLeft, TRight>>>(
            name, new UnmatchedKeySerde<TKey>(joined.KeySerde), new UnmatchedSerde<TLeft, TRight>(joined.LeftSerde, joined.RightSerde), Comparer<UnmatchedKey<TKey>>.Create((x, y) =>
            {
                int order = x.Timestamp.CompareTo(y.Timestamp);
                if (order == 0)
                    order = x.IsLeft.CompareTo(y.IsLeft);
                return order != 0 ? order : keys.Compare(x.Key, y.Key);
            }), KeyLayout.Of(joined.KeySerde, UnmatchedKeySerde<TKey>.Prefix));
    }
}

/// <summary>Eight bytes of time, big-endian; one of the side, 1 for left; the key.</summary>
internal sealed class UnmatchedKeySerde<TKey>(ISerde<TKey> inner) : ISerde<UnmatchedKey<TKey>>
{
    public const int Prefix = sizeof(long) + 1;

    public void Serialize(UnmatchedKey<TKey> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        Span<byte> prefix = to.GetSpan(Prefix);
        BinaryPrimitives.WriteInt64BigEndian(prefix, value.Timestamp);
        prefix[sizeof(long)] = value.IsLeft ? (byte)1 : (byte)0;
        to.Advance(Prefix);
        inner.Serialize(value.Key, to, in context);
    }

    public UnmatchedKey<TKey> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) =>
        new(BinaryPrimitives.ReadInt64BigEndian(bytes), bytes[sizeof(long)] == 1, inner.Deserialize(bytes[Prefix..], in context));
}

/// <summary>A list as Kafka's <c>ListSerializer</c> writes it: a byte 1 for entries of any size, their number, then each with its size before it. An entry is
/// a byte of the side, 1 for left, and the value. Integers have four bytes, big-endian.</summary>
internal sealed class UnmatchedSerde<TLeft, TRight>(ISerde<TLeft> left, ISerde<TRight> right) : ISerde<List<Unmatched<TLeft, TRight>>>
{
    private const byte AnySize = 1;
    private const int Header = 1 + sizeof(int);

    public void Serialize(List<Unmatched<TLeft, TRight>> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        to.Write([AnySize]);
        Serdes.Integer.Serialize(value.Count, to, in context);
        ArrayBufferWriter<byte> entry = new();
        foreach (Unmatched<TLeft, TRight> record in value)
        {
            entry.ResetWrittenCount();
            if (record.Left is not null)
            {
                entry.Write([(byte)1]);
                left.Serialize(record.Left, entry, in context);
            }
            else
            {
                entry.Write([(byte)0]);
                right.Serialize(record.Right, entry, in context);
            }
            Serdes.Integer.Serialize(entry.WrittenCount, to, in context);
            to.Write(entry.WrittenSpan);
        }
    }

    public List<Unmatched<TLeft, TRight>> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        List<Unmatched<TLeft, TRight>> records = new(count);
        bytes = bytes[Header..];
        for (int i = 0; i < count; i++)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(bytes);
            ReadOnlySpan<byte> value = bytes.Slice(sizeof(int) + 1, size - 1);
            records.Add(bytes[sizeof(int)] == 1
                ? new Unmatched<TLeft, TRight>(left.Deserialize(value, in context), default!)
                : new Unmatched<TLeft, TRight>(default!, right.Deserialize(value, in context)));
            bytes = bytes[(sizeof(int) + size)..];
        }
        return records;
    }
}
