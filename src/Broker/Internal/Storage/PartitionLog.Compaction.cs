using Assay.Broker.Internal.Storage.Compaction;

namespace Assay.Broker.Internal.Storage;

/// <content>
/// Compaction: choosing what is worth a pass, and putting the copy in the place of the segments it was made from. It never touches the active segment, nor what an open
/// transaction or min.compaction.lag.ms keeps from it.
/// Names while it is at work: <c>BASE.log.cleaned</c> is being written and worth nothing; <c>BASE-END.swap</c> is whole and on the disk, and stands for all segments from
/// BASE up to END, whichever of them are still there. So a process that dies at any point leaves the segments as they were, or the copy.
/// </content>
internal sealed partial class PartitionLog
{
    private const string Unfinished = ".cleaned";
    private const string Swap = ".swap";
    /// <summary>Bounds the memory of a pass: 32 bytes a key.</summary>
    private const int MostKeys = 1_000_000;

    private bool _cannotCompact;

    /// <summary>Makes one pass where there is enough to gain.</summary>
    /// <param name="mostKeys">Of so many keys at most in this pass; the next one goes on.</param>
    /// <returns>Whether anything was rewritten.</returns>
    public bool Compact(CancellationToken ct, int mostKeys = MostKeys)
    {
        try
        {
            return !_cannotCompact && Plan() is { } plan && Compact(plan, mostKeys, ct);
        }
        catch (ObjectDisposedException)
        {
            // Deleted by retention, or closed: there will be another time.
        }
        catch (DamageException damage)
        {
            ReportOnce(damage);
            _cannotCompact = true;
        }
        return false;
    }

    private Pass? Plan()
    {
        lock (_gate)
        {
            if (!_config.Compacts || _segments.Count < 2)
                return null;
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            long stable = StableOffset();
            long firstDirty = Math.Max(StartOffset, _segments.Max(segment => segment.CleanTo));
            int count = 0;
            while (count < _segments.Count - 1 && _segments[count + 1].BaseOffset <= stable
                && (_segments[count + 1].BaseOffset <= firstDirty || _config.MinCompactionLagMs == 0 || _segments[count].LargestTimestamp <= now - _config.MinCompactionLagMs))
                count++;
            Segment[] sealedOnes = [.. _segments.Take(count)];
            long end = _segments[count].BaseOffset;
            Segment[] dirty = [.. sealedOnes.Where((_, index) => _segments[index + 1].BaseOffset > firstDirty)];
            long dirtyBytes = dirty.Sum(segment => segment.File.Length);
            if (dirtyBytes == 0)
                return null;
            bool overdue = dirty.Any(segment => segment.FirstTimestamp >= 0 && segment.FirstTimestamp < now - _config.MaxCompactionLagMs);
            if (!overdue && dirtyBytes <= _config.MinCleanableDirtyRatio * sealedOnes.Sum(segment => segment.File.Length))
                return null;
            CompactionScope scope = new(
                [.. _segments.SelectMany(segment => segment.Aborted)], _producers.All.ToDictionary(entry => entry.Key, entry => (entry.Value.LastOffset, entry.Value.Epoch)),
                now, _config.DeleteRetentionMs);
            return new Pass(sealedOnes, dirty, firstDirty, end, scope);
        }
    }

    private bool Compact(Pass pass, int mostKeys, CancellationToken ct)
    {
        Compactor compactor = new(Name, pass.Scope, _logger);
        long cleanTo = compactor.ReadKeys(pass.Dirty, pass.FirstDirty, (int)Math.Min(mostKeys, pass.End - pass.FirstDirty), ct);
        long before = pass.Segments.Sum(segment => segment.File.Length);
        long after = 0;
        foreach (Segment[] group in Groups([.. pass.Segments.Where(segment => segment.BaseOffset < cleanTo)]))
        {
            Segment copy = new(group[0].BaseOffset, CopyFile(group[0].BaseOffset)) { HasGaps = true, CleanTo = cleanTo };
            bool swapped = false;
            try
            {
                foreach (Segment segment in group)
                    compactor.Copy(segment, copy, ct);
                copy.File.Flush();
                after += copy.File.Length;
                swapped = TryReplace(group, copy);
            }
            finally
            {
                if (!swapped)
                    copy.File.Delete();
            }
            if (!swapped)
                return false;
        }
        Log.Compacted(_logger, Name, before, after);
        return true;
    }

    /// <summary>Neighbours that fit one segment become one.</summary>
    private IEnumerable<Segment[]> Groups(Segment[] segments)
    {
        List<Segment> group = [];
        foreach (Segment segment in segments)
        {
            if (group.Count > 0 && group.Sum(each => each.File.Length) + segment.File.Length > _config.SegmentBytes)
            {
                yield return [.. group];
                group.Clear();
            }
            group.Add(segment);
        }
        if (group.Count > 0)
            yield return [.. group];
    }

    private LogFile CopyFile(long baseOffset)
    {
        if (_folder is null)
            return new MemoryFile();
        string path = Path.Combine(_folder, Segment.FileName(baseOffset) + Unfinished);
        File.Delete(path);
        return new DiskFile(path, _handles);
    }

    /// <summary>Puts a copy in the place of the segments it was made from; false where they are not all there any more.</summary>
    private bool TryReplace(Segment[] replaced, Segment copy)
    {
        lock (_gate)
        {
            int at = _segments.IndexOf(replaced[0]);
            if (at < 0 || _segments.IndexOf(replaced[^1]) != at + replaced.Length - 1)
                return false;
            long end = _segments[at + replaced.Length].BaseOffset;
            LogCheckpoint? known = _folder is null ? null : LogCheckpoint.TryLoad(LogCheckpoint.PathOf(_folder, replaced[^1].BaseOffset));
            if (_folder is not null)
                copy.File.Rename(Path.Combine(_folder, SwapName(copy.BaseOffset, end)));
            // From here on the copy counts, also for a start after a crash.
            _segments.RemoveRange(at, replaced.Length);
            _segments.Insert(at, copy);
            foreach (Segment segment in replaced)
            {
                segment.File.Delete();
                if (_folder is not null)
                    File.Delete(LogCheckpoint.PathOf(_folder, segment.BaseOffset));
            }
            if (_folder is not null)
                copy.File.Rename(Path.Combine(_folder, Segment.FileName(copy.BaseOffset)));
            // Without what the producers were at its end a start reads the copy itself.
            if (known is not null)
                SaveCheckpoint(copy, end, known.Producers);
            return true;
        }
    }

    private static string SwapName(long baseOffset, long end) => $"{baseOffset:D20}-{end:D20}{Swap}";

    /// <summary>Ends what a crash left half done.</summary>
    private static void FinishSwaps(string folder)
    {
        foreach (string unfinished in Directory.EnumerateFiles(folder, $"*{Unfinished}"))
            File.Delete(unfinished);
        foreach (string swap in Directory.EnumerateFiles(folder, $"*{Swap}"))
        {
            long[] range = [.. Path.GetFileNameWithoutExtension(swap).Split('-').Select(long.Parse)];
            foreach (string log in Directory.EnumerateFiles(folder, "*.log"))
                if (long.Parse(Path.GetFileNameWithoutExtension(log)) is var baseOffset && baseOffset >= range[0] && baseOffset < range[1])
                {
                    File.Delete(LogCheckpoint.PathOf(folder, baseOffset));
                    File.Delete(log);
                }
            File.Delete(LogCheckpoint.PathOf(folder, range[0]));
            File.Move(swap, Path.Combine(folder, Segment.FileName(range[0])));
        }
    }

    /// <param name="Segments">All that a pass may rewrite, from the log's first on.</param>
    /// <param name="Dirty">Those of them that hold keys which no pass has seen.</param>
    /// <param name="FirstDirty">The first offset that no pass has seen.</param>
    /// <param name="End">Where the segments end.</param>
    private sealed record Pass(Segment[] Segments, Segment[] Dirty, long FirstDirty, long End, CompactionScope Scope);
}
