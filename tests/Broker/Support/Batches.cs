using System.Buffers.Binary;
using System.Text;
using Assay.Broker.Internal.Storage;

namespace Assay.Broker.Tests.Support;

/// <summary>Record batches as a producer builds them.</summary>
internal static class Batches
{
    public static byte[] Plain(int records = 1, long timestamp = 1_000, int valueSize = 10) =>
        BatchBuilder.Plain([.. Enumerable.Range(0, records).Select(index => new Internal.Storage.Record([(byte)index], new byte[valueSize]))], timestamp);

    /// <summary>Records with keys and times of their own; null keys and values are kept as such.</summary>
    /// <param name="codec">As in a batch's attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.</param>
    public static byte[] Keyed(int codec, params (string? Key, string? Value, long Timestamp)[] records)
    {
        long first = records[0].Timestamp;
        using MemoryStream body = new();
        for (int index = 0; index < records.Length; index++)
        {
            using MemoryStream rest = new();
            rest.Write(Zigzag(index));
            foreach (string? field in (string?[])[records[index].Key, records[index].Value])
            {
                byte[] bytes = field is null ? [] : Encoding.UTF8.GetBytes(field);
                rest.Write(Zigzag(field is null ? -1 : bytes.Length));
                rest.Write(bytes);
            }
            rest.WriteByte(0);
            BatchBuilder.WriteRecord(body, 0, records[index].Timestamp - first, rest.ToArray());
        }
        byte[] packed = codec == 0 ? body.ToArray() : Compression.Pack(codec, body.ToArray());
        return BatchBuilder.Rebuilt(Plain(records.Length, first), packed, records.Length, codec, records.Max(record => record.Timestamp));
    }

    /// <summary>Gives a batch a producer.</summary>
    public static byte[] By(this byte[] batch, long producerId, short epoch, int sequence, bool transactional)
    {
        if (transactional)
            batch[22] |= 0x10;
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), sequence);
        BatchHeader.WriteCrc(batch);
        return batch;
    }

    public static byte[] Of(long producerId, short epoch, int sequence, int records = 1, bool transactional = false) =>
        Plain(records).By(producerId, epoch, sequence, transactional);

    private static byte[] Zigzag(int value)
    {
        List<byte> bytes = [];
        uint rest = (uint)((value << 1) ^ (value >> 31));
        for (; rest >= 0x80; rest >>= 7)
            bytes.Add((byte)(rest | 0x80));
        bytes.Add((byte)rest);
        return [.. bytes];
    }
}
