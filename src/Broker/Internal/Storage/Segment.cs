using System.Buffers;
using System.Runtime.InteropServices;

namespace Assay.Broker.Internal.Storage;

/// <summary>One place of a segment's sparse index: the batch at <paramref name="Position"/> starts at <paramref name="Offset"/>.</summary>
/// <param name="TimestampBefore">The largest timestamp of the segment before <paramref name="Position"/>; −1: none.</param>
internal readonly record struct IndexEntry(long Offset, long TimestampBefore, long Position);

/// <summary>A stretch of a segment holds no sound batch where one must stand.</summary>
internal sealed class DamageException(Segment segment, long position) : Exception
{
    public Segment Segment { get; } = segment;
    public long Position { get; } = position;
}

/// <summary>
/// A stretch of a partition's log: one file of whole batches, named by its first offset, and a sparse index over it that serves both offsets and
/// times. The index is only ever appended to; a reader takes its list's count once and looks at nothing behind it.
/// </summary>
internal sealed class Segment(long baseOffset, LogFile file) : IDisposable
{
    /// <summary>An index entry stands about every so many bytes; so much is scanned at most to find an offset.</summary>
    private const int IndexInterval = 8 * 1024;
    private const int ScanChunk = 4 * 1024;

    private List<IndexEntry> _index = [];

    public long BaseOffset { get; } = baseOffset;
    public LogFile File { get; } = file;
    public long LargestTimestamp { get; private set; } = -1;

    /// <summary>The largest timestamp of the first batch that is no marker, from which segment.ms counts; −1: no batch yet.</summary>
    public long FirstTimestamp { get; private set; } = -1;

    /// <summary>Batches have gone from between others, so that offsets do not follow each other.</summary>
    public bool HasGaps { get; set; }

    /// <summary>Compaction has seen every key up to this offset; 0: none.</summary>
    public long CleanTo { get; set; }

    /// <summary>Transactions whose abort marker stands in this segment, by marker.</summary>
    public List<AbortedTransaction> Aborted { get; } = [];

    /// <summary>The index as bytes, for its checkpoint.</summary>
    public byte[] IndexBytes => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_index)).ToArray();

    public static string FileName(long baseOffset) => $"{baseOffset:D20}.log";

    /// <summary>Takes note of a batch that is about to stand at <paramref name="position"/>.</summary>
    /// <param name="behindDamage">What stands before it cannot be walked over, so that it must be found without.</param>
    public void Indexed(in BatchHeader batch, long position, bool behindDamage = false)
    {
        if (_index.Count == 0 || position - _index[^1].Position >= IndexInterval || behindDamage)
            _index.Add(new IndexEntry(batch.BaseOffset, LargestTimestamp, position));
        if (FirstTimestamp < 0 && !batch.Control)
            FirstTimestamp = batch.MaxTimestamp;
        LargestTimestamp = Math.Max(LargestTimestamp, batch.MaxTimestamp);
    }

    /// <summary>Takes note that no sound batch stands at a position: whoever looks for the offset is led there and not past it.</summary>
    public void Damaged(long offset, long position) => _index.Add(new IndexEntry(offset, LargestTimestamp, position));

    public void Restore(LogCheckpoint checkpoint)
    {
        ReadOnlySpan<IndexEntry> entries = MemoryMarshal.Cast<byte, IndexEntry>(checkpoint.Index);
        _index = new List<IndexEntry>(entries.Length);
        _index.AddRange(entries);
        Aborted.AddRange(checkpoint.Aborted);
        LargestTimestamp = checkpoint.LargestTimestamp;
        FirstTimestamp = checkpoint.FirstTimestamp;
        HasGaps = checkpoint.HasGaps;
        CleanTo = checkpoint.CleanTo;
    }

    /// <summary>Where the first batch stands that ends at or after <paramref name="offset"/>; null: the segment ends before it.</summary>
    /// <param name="end">The length of the file when it was looked up.</param>
    /// <param name="endOffset">The end of the log then.</param>
    /// <exception cref="DamageException">What stands on the way there is no batch.</exception>
    public (long Position, BatchHeader Batch)? Find(long offset, long end, long endOffset) =>
        First(Walk(Floor(entry => entry.Offset <= offset), end, endOffset), batch => batch.LastOffset >= offset);

    /// <summary>The batches that may hold a record at or after the time, in their order.</summary>
    /// <exception cref="DamageException">As for <see cref="Find"/>.</exception>
    public IEnumerable<(long Position, BatchHeader Batch)> FindTime(long timestamp, long end, long endOffset) =>
        LargestTimestamp < timestamp ? [] : Walk(Floor(entry => entry.TimestampBefore < timestamp), end, endOffset).Where(found => found.Batch.MaxTimestamp >= timestamp);

    public void Dispose() => File.Dispose();

    /// <summary>The last index entry that satisfies a condition which holds for all before it.</summary>
    private IndexEntry Floor(Func<IndexEntry, bool> holds)
    {
        int low = 0;
        int high = _index.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (holds(_index[middle]))
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 ? _index[low - 1] : _index.Count > 0 ? _index[0] : new IndexEntry(BaseOffset, -1, 0);
    }

    private static (long Position, BatchHeader Batch)? First(IEnumerable<(long Position, BatchHeader Batch)> batches, Predicate<BatchHeader> wanted)
    {
        foreach ((long Position, BatchHeader Batch) found in batches)
            if (wanted(found.Batch))
                return found;
        return null;
    }

    /// <summary>The headers of the batches from an index entry on, up to the file position <paramref name="end"/>.</summary>
    private IEnumerable<(long Position, BatchHeader Batch)> Walk(IndexEntry from, long end, long endOffset)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ScanChunk);
        try
        {
            long position = from.Position;
            long expected = from.Offset;
            long start = 0;
            int filled = 0;
            while (position < end)
            {
                if (position < start || position + BatchHeader.Bytes > start + filled)
                {
                    start = position;
                    filled = File.Read(start, buffer);
                }
                if (end - position < BatchHeader.Bytes || filled < BatchHeader.Bytes)
                    throw new DamageException(this, position);
                BatchHeader batch = BatchHeader.Read(buffer.AsSpan((int)(position - start)));
                if (!batch.Plausible(buffer.AsSpan((int)(position - start)), expected, exactly: !HasGaps || position == from.Position, end - position, endOffset))
                    throw new DamageException(this, position);
                yield return (position, batch);
                position += batch.Size;
                expected = batch.NextOffset;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
