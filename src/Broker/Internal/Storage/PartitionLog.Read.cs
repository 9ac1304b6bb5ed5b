using System.Buffers;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>A stretch of a log, as a fetch wants it.</summary>
/// <param name="Buffer">Rented from the shared pool, to be returned by the receiver; null: no records.</param>
/// <param name="Aborted">For readers of committed records: the aborted transactions that touch the stretch; else null.</param>
internal readonly record struct ReadResult(
    KafkaError Error, long StartOffset, long EndOffset, long StableOffset, byte[]? Buffer = null, int Length = 0,
    IReadOnlyList<AbortedTransaction>? Aborted = null);

/// <content>Reading by offset and by time.</content>
internal sealed partial class PartitionLog
{
    /// <summary>
    /// Reads whole batches from the one that holds <paramref name="offset"/> on, up to <paramref name="maxBytes"/>; the first batch comes whole even where it
    /// is larger, if <paramref name="atLeastOne"/>. At the end there is nothing (wait); before the start or beyond the end it is an error.
    /// </summary>
    public ReadResult Read(long offset, int maxBytes, bool committedOnly, bool atLeastOne)
    {
        Segment segment;
        ReadResult bounds;
        long limit;
        long fileEnd;
        lock (_gate)
        {
            bounds = new ReadResult(KafkaError.None, StartOffset, EndOffset, StableOffset());
            if (_segments.Count == 0)
                return bounds with { Error = KafkaError.UnknownTopicOrPartition };
            if (offset < StartOffset || offset > EndOffset)
                return bounds with { Error = KafkaError.OffsetOutOfRange };
            limit = committedOnly ? bounds.StableOffset : EndOffset;
            if (offset >= limit || maxBytes <= 0 && !atLeastOne)
                return bounds with { Aborted = committedOnly ? [] : null };
            segment = _segments[SegmentOf(offset)];
            fileEnd = segment.File.Length;
        }
        // After compaction or at a roll the segment that should hold the offset may end before it: then the next one starts behind it.
        (int Position, BatchHeader Batch)? found = segment.Find(offset, fileEnd);
        if (found is null)
            return Next(segment) is { } next ? Read(next, maxBytes, committedOnly, atLeastOne) : bounds with { Aborted = committedOnly ? [] : null };

        (int position, BatchHeader first) = found.Value;
        int wanted = (int)Math.Min(fileEnd - position, Math.Max(maxBytes, atLeastOne ? first.Size : 0));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
        int read = segment.File.Read(position, buffer.AsSpan(0, wanted));
        (int length, long nextOffset) = WholeBatches(buffer.AsSpan(0, read), limit);
        if (length == 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return bounds with { Aborted = committedOnly ? [] : null };
        }
        return bounds with { Buffer = buffer, Length = length, Aborted = committedOnly ? AbortedBetween(offset, nextOffset) : null };
    }

    /// <summary>The first record at or after a time: the offset that a reader starts from, and its batch's largest timestamp; null: none.</summary>
    public (long Offset, long Timestamp)? OffsetAt(long timestamp, bool committedOnly)
    {
        Segment[] segments;
        long limit;
        long start;
        lock (_gate)
        {
            segments = [.. _segments];
            limit = committedOnly ? StableOffset() : EndOffset;
            start = StartOffset;
        }
        foreach (Segment segment in segments)
        {
            if (segment.FindTime(timestamp, segment.File.Length) is not { } found)
                continue;
            byte[] batch = new byte[found.Batch.Size];
            segment.File.Read(found.Position, batch);
            (long offset, long at) = BatchRecords.FirstAtOrAfter(batch, timestamp, start);
            return offset < limit ? (offset, at) : null;
        }
        return null;
    }

    /// <summary>The newest timestamp of the log with the offset of a record that has it; null where the log is empty.</summary>
    public (long Offset, long Timestamp)? Newest()
    {
        long newest;
        lock (_gate)
            newest = _segments.Count == 0 ? -1 : _segments.Max(segment => segment.LargestTimestamp);
        return newest < 0 ? null : OffsetAt(newest, committedOnly: false);
    }

    private long? Next(Segment segment)
    {
        lock (_gate)
        {
            int index = _segments.IndexOf(segment) + 1;
            return index > 0 && index < _segments.Count ? _segments[index].BaseOffset : null;
        }
    }

    private int SegmentOf(long offset)
    {
        int low = 0;
        int high = _segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_segments[middle].BaseOffset <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private static (int Length, long NextOffset) WholeBatches(ReadOnlySpan<byte> bytes, long limit)
    {
        int length = 0;
        long next = 0;
        while (bytes.Length - length >= BatchHeader.Bytes)
        {
            BatchHeader batch = BatchHeader.Read(bytes[length..]);
            if (batch.BaseOffset >= limit || batch.Size > bytes.Length - length || batch.Size < BatchHeader.Bytes)
                break;
            length += batch.Size;
            next = batch.NextOffset;
        }
        return (length, next);
    }

    private List<AbortedTransaction> AbortedBetween(long offset, long next)
    {
        List<AbortedTransaction> touching = [];
        lock (_gate)
            for (int index = SegmentOf(offset); index < _segments.Count; index++)
                foreach (AbortedTransaction aborted in _segments[index].Aborted)
                    if (aborted.LastOffset >= offset && aborted.FirstOffset < next)
                        touching.Add(aborted);
        return touching;
    }
}
