using System.Buffers;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>A stretch of a log, as a fetch wants it.</summary>
/// <param name="Buffer">Rented from the shared pool, to be returned by the receiver; null: no records.</param>
/// <param name="Aborted">For readers of committed records: the aborted transactions that touch the stretch; else null.</param>
internal readonly record struct ReadResult(
    KafkaError Error, long StartOffset, long EndOffset, long StableOffset, byte[]? Buffer = null, int Length = 0,
    IReadOnlyList<AbortedTransaction>? Aborted = null);

/// <summary>A record's offset and time (unix ms).</summary>
internal readonly record struct TimedOffset(long Offset, long Timestamp);

/// <content>
/// Reading by offset and by time. Every batch is checked before it is given out, so that damage on the disk reaches no client: what stands before it is
/// served, then CORRUPT_MESSAGE.
/// </content>
internal sealed partial class PartitionLog
{
    private long _reportedDamage = -1;

    /// <summary>
    /// Reads whole batches from the one that holds <paramref name="offset"/> on, up to <paramref name="maxBytes"/>; the first batch comes whole even where it
    /// is larger, if <paramref name="atLeastOne"/>. At the end there is nothing (wait); before the start or beyond the end it is an error.
    /// </summary>
    public ReadResult Read(long offset, int maxBytes, bool committedOnly, bool atLeastOne) =>
        Reading(() => ReadOnce(offset, maxBytes, committedOnly, atLeastOne), error => new ReadResult(error, StartOffset, EndOffset, LastStableOffset));

    /// <summary>The first record at or after a time (unix ms); null: none.</summary>
    public (KafkaError Error, TimedOffset? Found) OffsetAt(long timestamp, bool committedOnly) =>
        Reading(() => (KafkaError.None, OffsetAtOnce(timestamp, committedOnly)), error => (error, (TimedOffset?)null));

    /// <summary>The first record with the newest timestamp of the log; null where the log is empty.</summary>
    public (KafkaError Error, TimedOffset? Found) Newest(bool committedOnly)
    {
        long newest;
        lock (_gate)
            newest = _segments.Count == 0 ? -1 : _segments.Max(segment => segment.LargestTimestamp);
        return newest < 0 ? (KafkaError.None, null) : OffsetAt(newest, committedOnly);
    }

    /// <summary>Reads outside of the lock, anew where the segment went meanwhile, and turns damage and a failing disk into what the client is told.</summary>
    private T Reading<T>(Func<T> read, Func<KafkaError, T> failed)
    {
        while (true)
            try
            {
                return read();
            }
            catch (ObjectDisposedException)
            {
                // Deleted or compacted between looking it up and reading it: the log has another for the offset, or says that it is gone.
            }
            catch (DamageException damage)
            {
                ReportOnce(damage);
                return failed(KafkaError.CorruptMessage);
            }
            catch (IOException failure)
            {
                Log.ReadFailed(_logger, Name, failure);
                return failed(KafkaError.StorageError);
            }
    }

    private ReadResult ReadOnce(long offset, int maxBytes, bool committedOnly, bool atLeastOne)
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
        (long Position, BatchHeader Batch)? found = segment.Find(offset, fileEnd, bounds.EndOffset);
        if (found is null)
            return Next(segment) is { } next ? ReadOnce(next, maxBytes, committedOnly, atLeastOne) : bounds with { Aborted = committedOnly ? [] : null };

        (long position, BatchHeader first) = found.Value;
        int wanted = (int)Math.Min(fileEnd - position, Math.Max(maxBytes, atLeastOne ? first.Size : 0));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
        bool kept = false;
        try
        {
            int read = segment.File.Read(position, buffer.AsSpan(0, wanted));
            (int length, long nextOffset) = WholeBatches(segment, position, buffer.AsSpan(0, read), first.BaseOffset, limit, bounds.EndOffset);
            kept = length > 0;
            return kept
                ? bounds with { Buffer = buffer, Length = length, Aborted = committedOnly ? AbortedBetween(offset, nextOffset) : null }
                : bounds with { Aborted = committedOnly ? [] : null };
        }
        finally
        {
            if (!kept)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private TimedOffset? OffsetAtOnce(long timestamp, bool committedOnly)
    {
        Segment[] segments;
        long limit;
        long start;
        long end;
        lock (_gate)
        {
            end = EndOffset;
            segments = [.. _segments];
            limit = committedOnly ? StableOffset() : EndOffset;
            start = StartOffset;
        }
        foreach (Segment segment in segments)
            foreach ((long position, BatchHeader header) in segment.FindTime(timestamp, segment.File.Length, end))
            {
                byte[] batch = new byte[header.Size];
                if (segment.File.Read(position, batch) < batch.Length || !BatchHeader.CrcHolds(batch))
                    throw new DamageException(segment, position);
                if (FirstAtOrAfter(batch, header, timestamp, start) is { } found)
                    return found.Offset < limit ? new TimedOffset(found.Offset, found.Timestamp) : null;
            }
        return null;
    }

    private static (long Offset, long Timestamp)? FirstAtOrAfter(byte[] batch, in BatchHeader header, long timestamp, long start)
    {
        if (header.LastOffset < start)
            return null;
        try
        {
            return BatchRecords.FirstAtOrAfter(batch, timestamp, start);
        }
        catch (WireException)
        {
            // A batch that does not open stays closed to the broker: its first offset answers, so that a reader gets no record too few.
            return (Math.Max(header.BaseOffset, start), header.MaxTimestamp);
        }
    }

    private long? Next(Segment segment)
    {
        lock (_gate)
        {
            int index = _segments.IndexOf(segment) + 1;
            ObjectDisposedException.ThrowIf(index == 0, segment);
            return index < _segments.Count ? _segments[index].BaseOffset : null;
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

    /// <summary>How many of the bytes are whole, sound batches before the limit.</summary>
    /// <exception cref="DamageException">The first of them is not sound.</exception>
    private static (int Length, long NextOffset) WholeBatches(Segment segment, long position, ReadOnlySpan<byte> bytes, long expected, long limit, long endOffset)
    {
        int length = 0;
        while (bytes.Length - length >= BatchHeader.Bytes)
        {
            ReadOnlySpan<byte> rest = bytes[length..];
            BatchHeader batch = BatchHeader.Read(rest);
            bool plausible = batch.Plausible(rest, expected, exactly: !segment.HasGaps || length == 0, long.MaxValue, endOffset);
            if (plausible && (batch.BaseOffset >= limit || batch.Size > rest.Length))
                break;
            if (!plausible || !BatchHeader.CrcHolds(rest[..batch.Size]))
                return length > 0 ? (length, expected) : throw new DamageException(segment, position);
            length += batch.Size;
            expected = batch.NextOffset;
        }
        return (length, expected);
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

    private void ReportOnce(DamageException damage)
    {
        // A reader asks again and again; one line for the last damaged place is enough.
        if (Interlocked.Exchange(ref _reportedDamage, damage.Segment.BaseOffset + damage.Position) != damage.Segment.BaseOffset + damage.Position)
            Log.Damaged(_logger, Name, PathOf(damage.Segment), damage.Position);
    }
}
