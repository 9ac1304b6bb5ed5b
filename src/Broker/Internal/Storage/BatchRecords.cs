using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>Reads the records of an uncompressed batch: the broker needs them only for transaction markers and its own topics.</summary>
internal static class BatchRecords
{
    /// <summary>The records of one whole batch with their offsets.</summary>
    /// <exception cref="WireException">The batch is compressed or its records do not fit it.</exception>
    public static List<(long Offset, long Timestamp, Record Record)> Read(ReadOnlySpan<byte> batch)
    {
        BatchHeader header = BatchHeader.Read(batch);
        if (header.Compression != 0)
            throw new WireException("a compressed batch cannot be read here");
        List<(long, long, Record)> records = [];
        int position = BatchHeader.Bytes;
        for (int index = 0; index < header.Count; index++)
        {
            int end = checked((int)Varint(batch, ref position)) + position;
            position++;
            long timestamp = header.BaseTimestamp + Varint(batch, ref position);
            long offset = header.BaseOffset + Varint(batch, ref position);
            byte[]? key = Field(batch, ref position);
            byte[]? value = Field(batch, ref position);
            records.Add((offset, header.StampedOnAppend ? header.MaxTimestamp : timestamp, new Record(key, value)));
            if (end < position || end > batch.Length)
                throw new WireException("a record's length does not fit its batch");
            position = end;
        }
        return records;
    }

    /// <summary>Whether a control batch commits its transaction.</summary>
    public static bool IsCommit(ReadOnlySpan<byte> controlBatch) => Read(controlBatch) is [(_, _, { Key: [_, _, 0, 1, ..] }), ..];

    /// <summary>
    /// The first record of a batch, at or after <paramref name="start"/>, whose time is at or after <paramref name="timestamp"/>. A compressed batch stays
    /// closed to the broker: its first offset answers, so that a reader gets no record too few.
    /// </summary>
    public static (long Offset, long Timestamp) FirstAtOrAfter(ReadOnlySpan<byte> batch, long timestamp, long start)
    {
        BatchHeader header = BatchHeader.Read(batch);
        if (header.Compression == 0)
            foreach ((long offset, long at, _) in Read(batch))
                if (at >= timestamp && offset >= start)
                    return (offset, at);
        return (Math.Max(header.BaseOffset, start), header.MaxTimestamp);
    }

    private static byte[]? Field(ReadOnlySpan<byte> batch, ref int position)
    {
        long length = Varint(batch, ref position);
        if (length < 0)
            return null;
        if (length > batch.Length - position)
            throw new WireException("a record's field does not fit its batch");
        byte[] bytes = batch.Slice(position, (int)length).ToArray();
        position += (int)length;
        return bytes;
    }

    private static long Varint(ReadOnlySpan<byte> batch, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (position >= batch.Length)
                break;
            byte next = batch[position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw new WireException("a record's varint does not end within its batch");
    }
}
