using System.Buffers;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>Reads the records of a batch, compressed or not: for transaction markers, the broker's own topics, times and keys.</summary>
internal static class BatchRecords
{
    /// <summary>The records of one whole batch with their offsets.</summary>
    /// <exception cref="WireException">The records do not fit the batch, or cannot be decompressed.</exception>
    public static List<(long Offset, long Timestamp, Record Record)> Read(ReadOnlySpan<byte> batch)
    {
        BatchHeader header = BatchHeader.Read(batch);
        List<(long, long, Record)> records = [];
        using PlainRecords plain = PlainRecords.Of(batch);
        RecordCursor cursor = new(plain.In(batch));
        for (int index = 0; index < header.Count; index++)
        {
            cursor.MoveNext();
            records.Add((header.BaseOffset + cursor.OffsetDelta, Time(header, cursor), new Record(cursor.HasKey ? cursor.Key.ToArray() : null, cursor.HasValue ? cursor.Value.ToArray() : null)));
        }
        return records;
    }

    /// <summary>Whether a control batch commits its transaction.</summary>
    public static bool IsCommit(ReadOnlySpan<byte> controlBatch) => Read(controlBatch) is [(_, _, { Key: [_, _, 0, 1, ..] }), ..];

    /// <summary>The first record of a batch, at or after <paramref name="start"/>, whose time is at or after <paramref name="timestamp"/>; null: none is.</summary>
    /// <exception cref="WireException">As for <see cref="Read"/>.</exception>
    public static (long Offset, long Timestamp)? FirstAtOrAfter(ReadOnlySpan<byte> batch, long timestamp, long start)
    {
        BatchHeader header = BatchHeader.Read(batch);
        using PlainRecords plain = PlainRecords.Of(batch);
        RecordCursor cursor = new(plain.In(batch));
        for (int index = 0; index < header.Count; index++)
        {
            cursor.MoveNext();
            if (Time(header, cursor) is var at && at >= timestamp && header.BaseOffset + cursor.OffsetDelta is var offset && offset >= start)
                return (offset, at);
        }
        return null;
    }

    /// <summary>What is wrong with the records of a batch for a topic that is compacted, as a sentence; null: each has a key.</summary>
    public static string? KeyProblem(ReadOnlySpan<byte> batch)
    {
        try
        {
            BatchHeader header = BatchHeader.Read(batch);
            using PlainRecords plain = PlainRecords.Of(batch);
            RecordCursor cursor = new(plain.In(batch));
            for (int index = 0; index < header.Count; index++)
            {
                cursor.MoveNext();
                if (!cursor.HasKey)
                    return "A compacted topic takes no record without a key.";
            }
            return null;
        }
        catch (WireException unreadable)
        {
            return $"The record batch cannot be read: {unreadable.Message}.";
        }
    }

    private static long Time(in BatchHeader header, in RecordCursor cursor) => header.StampedOnAppend ? header.MaxTimestamp : header.BaseTimestamp + cursor.TimestampDelta;
}

/// <summary>A batch's records without compression: the batch's own bytes, or pooled ones.</summary>
internal readonly struct PlainRecords : IDisposable
{
    private readonly byte[]? _rented;
    private readonly int _length;

    private PlainRecords(byte[]? rented, int length)
    {
        _rented = rented;
        _length = length;
    }

    /// <exception cref="WireException">The records cannot be decompressed, or are larger than the broker opens.</exception>
    public static PlainRecords Of(ReadOnlySpan<byte> batch)
    {
        int codec = BatchHeader.Read(batch).Compression;
        if (codec == 0)
            return default;
        (byte[] rented, int length) = Compression.Expand(codec, batch[BatchHeader.Bytes..]);
        return new PlainRecords(rented, length);
    }

    /// <summary>The records; <paramref name="batch"/> is the one they are of.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> batch) => _rented is null ? batch[BatchHeader.Bytes..] : _rented.AsSpan(0, _length);

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }
}
