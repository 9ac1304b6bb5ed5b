using System.Buffers.Binary;
using Assay.Broker.Internal.Storage;
using Record = Assay.Broker.Internal.Storage.Record;

namespace Assay.Conformance.Tests.Broker;

/// <summary>A record batch as a producer sends it, sound unless a test makes it otherwise.</summary>
internal sealed record Batch
{
    public const long DefaultTime = 1_700_000_000_000;

    /// <summary>How many records.</summary>
    public int Records { get; init; } = 1;
    /// <summary>The bytes of each record's value.</summary>
    public int ValueBytes { get; init; } = 10;
    /// <summary>Whether records have keys.</summary>
    public bool Keyed { get; init; } = true;
    /// <summary>Unix ms of every record.</summary>
    public long Time { get; init; } = DefaultTime;
    public long ProducerId { get; init; } = -1;
    public short Epoch { get; init; } = -1;
    public int Sequence { get; init; } = -1;
    public bool Transactional { get; init; }

    /// <summary>Breaks what the producer would send, before the CRC is set.</summary>
    public Action<byte[]>? Spoil { get; init; }

    /// <summary>Breaks it after that, so that the CRC does not hold.</summary>
    public Action<byte[]>? Corrupt { get; init; }

    /// <summary>An idempotent producer's batch.</summary>
    public static Batch Of(long producerId, short epoch, int sequence, int records = 1) =>
        new() { ProducerId = producerId, Epoch = epoch, Sequence = sequence, Records = records };

    public byte[] ToBytes()
    {
        byte[] bytes = BatchBuilder.Plain([.. Enumerable.Range(0, Records).Select(index => new Record(Keyed ? [(byte)index] : null, new byte[ValueBytes]))], Time);
        if (Transactional)
            bytes[22] |= 0x10;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(43), ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(51), Epoch);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(53), Sequence);
        Spoil?.Invoke(bytes);
        BatchHeader.WriteCrc(bytes);
        Corrupt?.Invoke(bytes);
        return bytes;
    }
}
