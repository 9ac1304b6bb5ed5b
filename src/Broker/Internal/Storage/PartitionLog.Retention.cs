namespace Assay.Broker.Internal.Storage;

/// <content>Deleting from the front: on request, and by the topic's retention. Whole segments go; the start offset may stand inside one.</content>
internal sealed partial class PartitionLog
{
    /// <summary>An active segment gets a checkpoint when it has grown by so much, so that many partitions together cost little to recover.</summary>
    private const int CheckpointInterval = 16 * 1024 * 1024;

    private long _checkpointedTo;

    /// <summary>Makes everything before <paramref name="offset"/> unreadable. The caller remembers the start offset; files go where they can.</summary>
    public void DeleteBefore(long offset)
    {
        lock (_gate)
        {
            StartOffset = Math.Max(StartOffset, Math.Min(offset, EndOffset));
            while (_segments.Count > 1 && _segments[1].BaseOffset <= StartOffset)
                RemoveFirst();
        }
    }

    /// <summary>Applies retention.ms and retention.bytes (where cleanup.policy has delete) and forgets producers that have gone.</summary>
    /// <returns>Whether the start offset moved.</returns>
    public bool ApplyRetention(TimeSpan forgetProducersAfter)
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_gate)
        {
            if (_segments.Count == 0)
                return false;
            long before = StartOffset;
            _producers.ForgetBefore(now - (long)forgetProducersAfter.TotalMilliseconds);
            if (Active.File.Length - _checkpointedTo > CheckpointInterval)
                SaveCheckpoint(Active);
            if (!_config.Deletes)
                return false;
            if (_config.RetentionMs >= 0)
            {
                bool Expired(Segment segment) => segment.LargestTimestamp >= 0 && segment.LargestTimestamp < now - _config.RetentionMs;
                if (Active.File.Length > 0 && _segments.TrueForAll(Expired))
                    Roll();
                while (_segments.Count > 1 && Expired(_segments[0]))
                    RemoveFirst();
            }
            if (_config.RetentionBytes >= 0)
                for (long size = _segments.Sum(segment => segment.File.Length); _segments.Count > 1 && size - _segments[0].File.Length >= _config.RetentionBytes;)
                {
                    size -= _segments[0].File.Length;
                    RemoveFirst();
                }
            return StartOffset != before;
        }
    }

    private void RemoveFirst()
    {
        Segment first = _segments[0];
        _segments.RemoveAt(0);
        StartOffset = Math.Max(StartOffset, _segments[0].BaseOffset);
        first.File.Delete();
        if (_folder is not null)
            File.Delete(LogCheckpoint.PathOf(_folder, first.BaseOffset));
    }
}
