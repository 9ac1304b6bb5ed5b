using System.Buffers.Binary;
using Assay.Broker.Internal.Storage;

namespace Assay.Broker.Tests.Support;

/// <summary>Record batches as a producer builds them.</summary>
internal static class Batches
{
    public static byte[] Plain(int records = 1, long timestamp = 1_000, int valueSize = 10) =>
        BatchBuilder.Plain([.. Enumerable.Range(0, records).Select(index => new Internal.Storage.Record([(byte)index], new byte[valueSize]))], timestamp);

    public static byte[] Of(long producerId, short epoch, int sequence, int records = 1, bool transactional = false)
    {
        byte[] batch = Plain(records);
        if (transactional)
            batch[22] |= 0x10;
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), sequence);
        BatchHeader.WriteCrc(batch);
        return batch;
    }
}
