using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// The fixed part of a record batch, message format v2 (https://kafka.apache.org/documentation/#recordbatch), all big-endian:
/// base offset 8, length 4 (of what follows it), leader epoch 4, magic 1, CRC-32C 4 (of what follows it), attributes 2, last offset delta 4,
/// base timestamp 8, max timestamp 8, producer id 8, producer epoch 2, base sequence 4, record count 4, records.
/// Base offset and leader epoch stand before what the CRC covers, so the broker writes them in place.
/// </summary>
internal readonly record struct BatchHeader(
    long BaseOffset, int Size, sbyte Magic, uint Crc, short Attributes, int LastOffsetDelta, long BaseTimestamp, long MaxTimestamp, long ProducerId,
    short ProducerEpoch, int BaseSequence, int Count)
{
    /// <summary>Bytes of the header, and so the least a batch can have.</summary>
    public const int Bytes = 61;
    /// <summary>Bytes of base offset and length: what must be read to know a batch's size.</summary>
    public const int Prefix = 12;
    private const int CrcAt = 17;
    private const int AttributesAt = 21;

    public long LastOffset => BaseOffset + LastOffsetDelta;
    public long NextOffset => LastOffset + 1;
    public bool Transactional => (Attributes & 0x10) != 0;
    public bool Control => (Attributes & 0x20) != 0;
    /// <summary>The max timestamp, given by the broker, is every record's time.</summary>
    public bool StampedOnAppend => (Attributes & 0x08) != 0;
    public int Compression => Attributes & 0x07;
    /// <summary>From when on (unix ms) compaction may drop the batch's tombstones or its transaction marker; it stands in place of the base timestamp. Null: not decided yet.</summary>
    public long? DeleteHorizon => (Attributes & 0x40) != 0 ? BaseTimestamp : null;
    public bool HasProducer => ProducerId >= 0;
    /// <summary>The sequence of the last record; it wraps from 2³¹−1 to 0.</summary>
    public int LastSequence => (int)(((uint)BaseSequence + (uint)LastOffsetDelta) & int.MaxValue);

    /// <summary>Reads a header; the span must hold <see cref="Bytes"/>.</summary>
    public static BatchHeader Read(ReadOnlySpan<byte> at) => new(
        BinaryPrimitives.ReadInt64BigEndian(at),
        BinaryPrimitives.ReadInt32BigEndian(at[8..]) + Prefix,
        (sbyte)at[16],
        BinaryPrimitives.ReadUInt32BigEndian(at[CrcAt..]),
        BinaryPrimitives.ReadInt16BigEndian(at[AttributesAt..]),
        BinaryPrimitives.ReadInt32BigEndian(at[23..]),
        BinaryPrimitives.ReadInt64BigEndian(at[27..]),
        BinaryPrimitives.ReadInt64BigEndian(at[35..]),
        BinaryPrimitives.ReadInt64BigEndian(at[43..]),
        BinaryPrimitives.ReadInt16BigEndian(at[51..]),
        BinaryPrimitives.ReadInt32BigEndian(at[53..]),
        BinaryPrimitives.ReadInt32BigEndian(at[57..]));

    /// <summary>The size of the batch that starts here, prefix included, before anything else about it is known to be true.</summary>
    public static long SizeAt(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadInt32BigEndian(at[8..]) + (long)Prefix;

    /// <summary>
    /// Whether this can be the header of a batch that the broker stored at or after <paramref name="expected"/> with <paramref name="room"/> bytes left for it. What
    /// the CRC does not cover is checked here.
    /// </summary>
    /// <param name="exactly">Offsets follow each other; only compaction leaves gaps.</param>
    /// <param name="below">The log's end.</param>
    public bool Plausible(ReadOnlySpan<byte> at, long expected, bool exactly, long room, long below = long.MaxValue) =>
        Magic == 2 && SizeAt(at) is >= Bytes and var size && size <= room && LastOffsetDelta >= 0 && BinaryPrimitives.ReadInt32BigEndian(at[12..]) == Node.LeaderEpoch
        && (BaseOffset == expected || !exactly && BaseOffset > expected) && LastOffset < below;

    /// <summary>Whether the bytes of one whole batch carry the CRC that their header says.</summary>
    public static bool CrcHolds(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]) == Crc32C(batch[AttributesAt..]);

    public static void WriteBaseOffset(Span<byte> batch, long offset) => BinaryPrimitives.WriteInt64BigEndian(batch, offset);

    public static void WriteLeaderEpoch(Span<byte> batch, int epoch) => BinaryPrimitives.WriteInt32BigEndian(batch[12..], epoch);

    /// <summary>Makes the broker's clock the time of every record (attribute bit 3) and sets the CRC anew.</summary>
    public static void WriteAppendTime(Span<byte> batch, long timestamp)
    {
        short attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]);
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], (short)(attributes | 0x08));
        BinaryPrimitives.WriteInt64BigEndian(batch[35..], timestamp);
        WriteCrc(batch);
    }

    /// <summary>Fits the header to records that were taken out of the batch: everything that depends on them, but not offsets and sequence.</summary>
    /// <param name="deleteHorizon">Null: none is set by this.</param>
    public static void WriteContent(Span<byte> batch, int count, int compression, long maxTimestamp, long? deleteHorizon)
    {
        int attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]) & ~0x07 | compression;
        if (deleteHorizon is { } horizon)
        {
            attributes |= 0x40;
            BinaryPrimitives.WriteInt64BigEndian(batch[27..], horizon);
        }
        BinaryPrimitives.WriteInt32BigEndian(batch[8..], batch.Length - Prefix);
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], (short)attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[35..], maxTimestamp);
        BinaryPrimitives.WriteInt32BigEndian(batch[57..], count);
        WriteCrc(batch);
    }

    public static void WriteCrc(Span<byte> batch) => BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc32C(batch[AttributesAt..]));

    /// <summary>CRC-32C (Castagnoli), by the processor's own instruction where it has one.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte rest in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
