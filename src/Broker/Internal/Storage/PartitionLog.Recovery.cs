using System.Buffers;
using Assay.Broker.Internal.Topics;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Storage;

/// <content>
/// Opening: segments whose checkpoint covers them are taken as they are; what lies behind a checkpoint is read batch by batch, and from the first
/// batch of the last segment that is torn (cut short, or with a CRC that does not hold) the file is cut off. Nothing acknowledged is lost by it: a batch is
/// acknowledged only when it was written whole.
/// </content>
internal sealed partial class PartitionLog
{
    private const int ScanBuffer = 256 * 1024;

    /// <summary>Opens a partition's log, or begins it.</summary>
    /// <param name="folder">Null: in memory.</param>
    public static PartitionLog Open(string name, string? folder, TopicConfig config, long startOffset, ILogger logger, TimeProvider time)
    {
        PartitionLog log = new(name, folder, config, logger, time);
        try
        {
            log.Recover(startOffset);
            return log;
        }
        catch
        {
            foreach (Segment segment in log._segments)
                segment.Dispose();
            throw;
        }
    }

    private void Recover(long startOffset)
    {
        long[] bases = [];
        if (_folder is not null)
        {
            Directory.CreateDirectory(_folder);
            bases = [.. Directory.EnumerateFiles(_folder, "*.log").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path))).Order()];
        }
        foreach (long baseOffset in bases)
        {
            Segment segment = new(baseOffset, OpenFile(baseOffset));
            _segments.Add(segment);
            EndOffset = baseOffset;
            Recover(segment, last: baseOffset == bases[^1]);
        }
        if (_segments.Count == 0)
        {
            EndOffset = startOffset;
            _segments.Add(new Segment(startOffset, OpenFile(startOffset)));
        }
        StartOffset = Math.Max(startOffset, _segments[0].BaseOffset);
        EndOffset = Math.Max(EndOffset, StartOffset);
    }

    private void Recover(Segment segment, bool last)
    {
        long position = 0;
        if (LogCheckpoint.TryLoad(LogCheckpoint.PathOf(_folder!, segment.BaseOffset)) is { } checkpoint && checkpoint.Length <= segment.File.Length)
        {
            segment.Restore(checkpoint.Index, checkpoint.Aborted, checkpoint.LargestTimestamp);
            _producers.TakeFrom(checkpoint.Producers);
            EndOffset = checkpoint.NextOffset;
            position = checkpoint.Length;
        }
        if (position < segment.File.Length)
            Scan(segment, position, last);
    }

    private void Scan(Segment segment, long position, bool last)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ScanBuffer);
        try
        {
            while (position < segment.File.Length)
            {
                int filled = segment.File.Read(position, buffer);
                int used = 0;
                while (filled - used >= BatchHeader.Prefix && BatchHeader.SizeAt(buffer.AsSpan(used)) is var size && size >= BatchHeader.Bytes && size <= filled - used
                    && Recovered(segment, buffer.AsSpan(used, (int)size), (int)position + used))
                    used += (int)size;
                position += used;
                if (used > 0)
                    continue;
                long needed = filled >= BatchHeader.Prefix ? BatchHeader.SizeAt(buffer) : 0;
                if (needed <= buffer.Length || needed > segment.File.Length - position)
                {
                    CutOff(segment, position, last);
                    return;
                }
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent((int)needed);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes a batch into index and producer state; false where it is not a whole, sound batch in its place.</summary>
    private bool Recovered(Segment segment, ReadOnlySpan<byte> bytes, int position)
    {
        BatchHeader batch = BatchHeader.Read(bytes);
        if (batch.Magic != 2 || batch.BaseOffset < EndOffset || batch.LastOffsetDelta < 0 || !BatchHeader.CrcHolds(bytes))
            return false;
        segment.Indexed(batch, position);
        EndOffset = batch.NextOffset;
        if (batch.Control)
        {
            if (_producers.Ended(batch, BatchRecords.IsCommit(bytes)) is { } aborted)
                segment.Aborted.Add(aborted);
        }
        else if (batch.HasProducer)
            _producers.Appended(batch);
        return true;
    }

    private void CutOff(Segment segment, long position, bool last)
    {
        long bytes = segment.File.Length - position;
        if (!last)
            throw new BrokerException(
                $"The log of {Name} is damaged in the middle: {Path.Combine(_folder!, Segment.FileName(segment.BaseOffset))} holds no sound record batch at byte {position}. "
                + "Restore the file from a copy, or delete the topic's folder to begin it anew.");
        segment.File.Truncate(position);
        Log.TailTruncated(_logger, Name, bytes, EndOffset);
    }
}
