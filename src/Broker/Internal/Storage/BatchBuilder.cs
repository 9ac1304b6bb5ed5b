using System.Buffers.Binary;

namespace Assay.Broker.Internal.Storage;

/// <summary>One record of a batch that the broker itself writes or reads.</summary>
internal readonly record struct Record(byte[]? Key, byte[]? Value);

/// <summary>Builds the batches that the broker writes itself: transaction markers, and the schema registry's records.</summary>
internal static class BatchBuilder
{
    private const int TransactionalControl = 0x30;

    /// <summary>A control batch that ends a transaction: key (version, type 0 abort or 1 commit), value (version, coordinator epoch).</summary>
    public static byte[] Marker(long producerId, short producerEpoch, bool commit, int coordinatorEpoch, long timestamp)
    {
        byte[] key = [0, 0, 0, commit ? (byte)1 : (byte)0];
        byte[] value = new byte[6];
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(2), coordinatorEpoch);
        return Build([new Record(key, value)], timestamp, TransactionalControl, producerId, producerEpoch);
    }

    /// <summary>An uncompressed batch without a producer.</summary>
    public static byte[] Plain(IReadOnlyList<Record> records, long timestamp) => Build(records, timestamp, 0, -1, -1);

    /// <summary>A batch with other records under the same offsets, producer and sequence.</summary>
    /// <param name="original">The batch it was.</param>
    /// <param name="body">Its records, packed with <paramref name="compression"/>.</param>
    /// <param name="deleteHorizon">The base timestamp that the records count from, where it tells from when on compaction drops tombstones; null: as it was.</param>
    public static byte[] Rebuilt(ReadOnlySpan<byte> original, ReadOnlySpan<byte> body, int count, int compression, long maxTimestamp, long? deleteHorizon = null)
    {
        byte[] batch = new byte[BatchHeader.Bytes + body.Length];
        original[..BatchHeader.Bytes].CopyTo(batch);
        body.CopyTo(batch.AsSpan(BatchHeader.Bytes));
        BatchHeader.WriteContent(batch, count, compression, maxTimestamp, deleteHorizon);
        return batch;
    }

    /// <summary>Writes a record anew with another timestamp delta.</summary>
    /// <param name="rest">What follows the timestamp delta in it.</param>
    public static void WriteRecord(MemoryStream into, byte attributes, long timestampDelta, ReadOnlySpan<byte> rest)
    {
        using MemoryStream delta = new();
        Varint(delta, timestampDelta);
        Varint(into, 1 + delta.Length + rest.Length);
        into.WriteByte(attributes);
        delta.WriteTo(into);
        into.Write(rest);
    }

    private static byte[] Build(IReadOnlyList<Record> records, long timestamp, short attributes, long producerId, short producerEpoch)
    {
        using MemoryStream body = new();
        for (int index = 0; index < records.Count; index++)
        {
            using MemoryStream record = new();
            record.WriteByte(0);
            Varint(record, 0);
            Varint(record, index);
            Field(record, records[index].Key);
            Field(record, records[index].Value);
            Varint(record, 0);
            Varint(body, record.Length);
            record.WriteTo(body);
        }
        byte[] batch = new byte[BatchHeader.Bytes + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - BatchHeader.Prefix);
        batch[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), records.Count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(27), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), -1);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), records.Count);
        body.GetBuffer().AsSpan(0, (int)body.Length).CopyTo(batch.AsSpan(BatchHeader.Bytes));
        BatchHeader.WriteCrc(batch);
        return batch;
    }

    private static void Field(MemoryStream into, byte[]? bytes)
    {
        Varint(into, bytes?.Length ?? -1);
        if (bytes is not null)
            into.Write(bytes);
    }

    /// <summary>Zigzag, then seven bits a byte, the least first.</summary>
    private static void Varint(MemoryStream into, long value)
    {
        ulong rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest >= 0x80; rest >>= 7)
            into.WriteByte((byte)(rest | 0x80));
        into.WriteByte((byte)rest);
    }
}
