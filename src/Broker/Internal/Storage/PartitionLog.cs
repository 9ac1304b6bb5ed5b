using Assay.Broker.Internal.Topics;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// One partition's log: segments of whole batches as the producers sent them, with the base offset put in place.
/// Invariants: offsets only grow; what <see cref="EndOffset"/> counts is in the file (and so outlives the process) before anyone is told of it; the high
/// watermark is the end, as there is one replica; the last stable offset is the first offset of the earliest open transaction, else the end.
/// One lock guards appending, deleting and looking up; bytes are read outside of it, as a segment's written part never changes.
/// </summary>
internal sealed partial class PartitionLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string? _folder;
    private readonly TopicConfig _config;
    private readonly FileHandles _handles;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<Segment> _segments = [];
    private readonly ProducerStates _producers = new();
    private readonly AppendSignal _appended = new();

    private PartitionLog(string name, string? folder, TopicConfig config, FileHandles handles, ILogger logger, TimeProvider time)
    {
        _handles = handles;
        Name = name;
        _folder = folder;
        _config = config;
        _logger = logger;
        _time = time;
    }

    /// <summary><c>topic-partition</c>, for messages.</summary>
    public string Name { get; }

    /// <summary>The first offset that can still be read.</summary>
    public long StartOffset { get; private set; }

    /// <summary>The offset that the next record gets.</summary>
    public long EndOffset { get; private set; }

    /// <summary>Readers of committed records see nothing at or after this offset.</summary>
    public long LastStableOffset
    {
        get
        {
            lock (_gate)
                return StableOffset();
        }
    }

    /// <summary>Bytes of all segments.</summary>
    public long Size
    {
        get
        {
            lock (_gate)
                return _segments.Sum(segment => segment.File.Length);
        }
    }

    /// <summary>Tells those who wait for records; see <see cref="AppendSignal"/>.</summary>
    public AppendSignal AppendSignal => _appended;

    private Segment Active => _segments[^1];

    private long StableOffset() => _producers.FirstOpenOffset ?? EndOffset;

    /// <summary>The producers that wrote here lately, for DescribeProducers.</summary>
    public IReadOnlyList<ProducerStates.Producer> Producers()
    {
        lock (_gate)
            return [.. _producers.All.Values];
    }

    /// <summary>Closes the log so that the next start need not recover it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                if (_segments.Count > 0 && _folder is not null)
                {
                    Active.File.Flush();
                    SaveCheckpoint(Active);
                }
            }
            finally
            {
                foreach (Segment segment in _segments)
                    segment.Dispose();
                _segments.Clear();
            }
        }
    }

    /// <summary>Closes the log and removes its files.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            foreach (Segment segment in _segments)
                segment.Dispose();
            _segments.Clear();
            if (_folder is not null && Directory.Exists(_folder))
                Directory.Delete(_folder, recursive: true);
        }
        _appended.Set();
    }

    private LogFile OpenFile(long baseOffset) => _folder is null ? new MemoryFile() : new DiskFile(Path.Combine(_folder, Segment.FileName(baseOffset)), _handles);

    private string PathOf(Segment segment) => Path.Combine(_folder ?? "memory", Segment.FileName(segment.BaseOffset));

    private void SaveCheckpoint(Segment segment)
    {
        _checkpointedTo = segment.File.Length;
        SaveCheckpoint(segment, EndOffset, _producers);
    }

    private void SaveCheckpoint(Segment segment, long nextOffset, ProducerStates producers)
    {
        if (_folder is null)
            return;
        new LogCheckpoint
        {
            Length = segment.File.Length,
            NextOffset = nextOffset,
            LargestTimestamp = segment.LargestTimestamp,
            FirstTimestamp = segment.FirstTimestamp,
            HasGaps = segment.HasGaps,
            CleanTo = segment.CleanTo,
            Index = segment.IndexBytes,
            Aborted = [.. segment.Aborted],
            Producers = producers,
        }.Save(LogCheckpoint.PathOf(_folder, segment.BaseOffset));
    }
}
