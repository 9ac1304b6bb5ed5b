using System.Buffers;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>One place of a segment's sparse index: the batch at <see cref="Position"/> starts at <see cref="Offset"/>.</summary>
internal sealed class IndexEntry : IMessage
{
    public long Offset;
    public int Position;
    /// <summary>The largest timestamp of the segment before <see cref="Position"/>; −1: none.</summary>
    public long TimestampBefore;

    public void Visit(Codec codec)
    {
        codec.Int64(ref Offset);
        codec.Int32(ref Position);
        codec.Int64(ref TimestampBefore);
        codec.Tags();
    }
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

    /// <summary>Transactions whose abort marker stands in this segment, by marker.</summary>
    public List<AbortedTransaction> Aborted { get; } = [];

    public IReadOnlyList<IndexEntry> Index => _index;

    public static string FileName(long baseOffset) => $"{baseOffset:D20}.log";

    /// <summary>Takes note of a batch that is about to stand at <paramref name="position"/>.</summary>
    public void Indexed(in BatchHeader batch, int position)
    {
        if (_index.Count == 0 || position - _index[^1].Position >= IndexInterval)
            _index.Add(new IndexEntry { Offset = batch.BaseOffset, Position = position, TimestampBefore = LargestTimestamp });
        LargestTimestamp = Math.Max(LargestTimestamp, batch.MaxTimestamp);
    }

    public void Restore(IEnumerable<IndexEntry> index, IEnumerable<AbortedTransaction> aborted, long largestTimestamp)
    {
        _index = [.. index];
        Aborted.AddRange(aborted);
        LargestTimestamp = largestTimestamp;
    }

    /// <summary>Forgets what is known of the file's content: recovery reads it again.</summary>
    public void Reset()
    {
        _index = [];
        Aborted.Clear();
        LargestTimestamp = -1;
    }

    /// <summary>Where the first batch stands that ends at or after <paramref name="offset"/>; null: the segment ends before it.</summary>
    public (int Position, BatchHeader Batch)? Find(long offset, long end) => Scan(Floor(entry => entry.Offset <= offset), end, batch => batch.LastOffset >= offset);

    /// <summary>The first batch with a record at or after the time; null: none is.</summary>
    public (int Position, BatchHeader Batch)? FindTime(long timestamp, long end) =>
        LargestTimestamp < timestamp ? null : Scan(Floor(entry => entry.TimestampBefore < timestamp), end, batch => batch.MaxTimestamp >= timestamp);

    public void Dispose() => File.Dispose();

    /// <summary>The position of the last index entry that satisfies a condition which holds for all before it.</summary>
    private int Floor(Func<IndexEntry, bool> holds)
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
        return low == 0 ? 0 : _index[low - 1].Position;
    }

    /// <summary>Walks headers from <paramref name="position"/> on, up to the file position <paramref name="end"/>.</summary>
    private (int Position, BatchHeader Batch)? Scan(int position, long end, Predicate<BatchHeader> wanted)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ScanChunk);
        try
        {
            int start = 0;
            int filled = 0;
            while (position + BatchHeader.Bytes <= end)
            {
                if (position < start || position + BatchHeader.Bytes > start + filled)
                {
                    start = position;
                    filled = File.Read(start, buffer);
                    if (filled < BatchHeader.Bytes)
                        return null;
                }
                BatchHeader batch = BatchHeader.Read(buffer.AsSpan(position - start));
                if (wanted(batch))
                    return (position, batch);
                position += batch.Size;
            }
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
