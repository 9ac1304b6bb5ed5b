using System.Buffers;
using Assay.Broker.Internal.Topics;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Storage;

/// <content>
/// Opening: segments whose checkpoint covers them are taken as they are; what lies behind a checkpoint is read batch by batch. A last segment that ends in
/// bytes that are no whole batch (cut short, or with a CRC that does not hold) is cut off there. Nothing acknowledged is lost by it: a batch is
/// acknowledged only when it was written whole. Where sound batches stand behind such bytes they are damage, not a torn end: it is reported, kept, never
/// served, and what is behind it goes on to be readable.
/// </content>
internal sealed partial class PartitionLog
{
    private const int ScanBuffer = 256 * 1024;

    /// <summary>Opens a partition's log, or begins it.</summary>
    /// <param name="folder">Null: in memory.</param>
    public static PartitionLog Open(string name, string? folder, TopicConfig config, long startOffset, FileHandles handles, ILogger logger, TimeProvider time)
    {
        PartitionLog log = new(name, folder, config, handles, logger, time);
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
            FinishSwaps(_folder);
            bases = [.. Directory.EnumerateFiles(_folder, "*.log").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path))).Order()];
        }
        foreach (long baseOffset in bases)
        {
            if (_segments.Count > 0 && EndOffset != baseOffset && !_config.Compacts)
                ReportOnce(new DamageException(Active, Active.File.Length));
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
            segment.Restore(checkpoint);
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
            bool behindDamage = false;
            while (position < segment.File.Length)
            {
                int filled = segment.File.Read(position, buffer);
                int used = 0;
                while (Taken(segment, buffer.AsSpan(used, filled - used), position + used, behindDamage) is > 0 and var size)
                {
                    used += size;
                    behindDamage = false;
                }
                position += used;
                if (used > 0)
                    continue;
                long needed = filled >= BatchHeader.Prefix ? BatchHeader.SizeAt(buffer) : 0;
                if (needed > buffer.Length && needed <= segment.File.Length - position)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent((int)needed);
                    continue;
                }
                if (NextSound(segment, position) is { } sound)
                {
                    ReportOnce(new DamageException(segment, position));
                    segment.Damaged(EndOffset, position);
                    position = sound.Position;
                    EndOffset = sound.Offset;
                    behindDamage = true;
                    continue;
                }
                EndAt(segment, position, last);
                return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes the batch that the bytes begin with into index and producer state; returns its size, 0 where it is not a whole, sound batch in its place.</summary>
    private int Taken(Segment segment, ReadOnlySpan<byte> bytes, long position, bool behindDamage)
    {
        if (bytes.Length < BatchHeader.Bytes)
            return 0;
        BatchHeader batch = BatchHeader.Read(bytes);
        if (!batch.Plausible(bytes, EndOffset, exactly: !_config.Compacts, bytes.Length) || !BatchHeader.CrcHolds(bytes[..batch.Size]))
            return 0;
        segment.HasGaps |= batch.BaseOffset != EndOffset;
        segment.Indexed(batch, position, behindDamage);
        EndOffset = batch.NextOffset;
        if (batch.Control)
        {
            if (_producers.Ended(batch, BatchRecords.IsCommit(bytes[..batch.Size])) is { } aborted)
                segment.Aborted.Add(aborted);
        }
        else if (batch.HasProducer)
            _producers.Appended(batch);
        return batch.Size;
    }

    /// <summary>The first sound batch somewhere behind a place where there is none.</summary>
    private (long Position, long Offset)? NextSound(Segment segment, long position)
    {
        byte[] window = ArrayPool<byte>.Shared.Rent(ScanBuffer);
        try
        {
            for (position++; segment.File.Length - position >= BatchHeader.Bytes; position += ScanBuffer - BatchHeader.Bytes)
            {
                int filled = segment.File.Read(position, window.AsSpan(0, ScanBuffer));
                for (int at = 0; at <= filled - BatchHeader.Bytes; at++)
                {
                    ReadOnlySpan<byte> header = window.AsSpan(at, filled - at);
                    if (header[16] != 2)
                        continue;
                    BatchHeader batch = BatchHeader.Read(header);
                    if (batch.Plausible(header, EndOffset, exactly: false, segment.File.Length - position - at) && Holds(segment, position + at, batch.Size))
                        return (position + at, batch.BaseOffset);
                }
            }
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private static bool Holds(Segment segment, long position, int size)
    {
        byte[] batch = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            return segment.File.Read(position, batch.AsSpan(0, size)) == size && BatchHeader.CrcHolds(batch.AsSpan(0, size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    private void EndAt(Segment segment, long position, bool last)
    {
        if (!last)
        {
            ReportOnce(new DamageException(segment, position));
            segment.Damaged(EndOffset, position);
            return;
        }
        long bytes = segment.File.Length - position;
        segment.File.Truncate(position);
        Log.TailTruncated(_logger, Name, bytes, EndOffset);
    }
}
