namespace Assay.Ingest.Apis.Internal;

/// <summary>How long a source has asked to be left alone: what one of its requests was told holds for all of them. Safe for several threads.</summary>
internal sealed class SourcePause(TimeProvider time)
{
    private long _until = long.MinValue;

    public void For(TimeSpan span)
    {
        long until = time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);
        long before;
        while (until > (before = Interlocked.Read(ref _until)) && Interlocked.CompareExchange(ref _until, until, before) != before)
        {
            // Another request was told something at the same moment; the longer pause holds.
        }
    }

    /// <summary>Zero where nobody has to wait.</summary>
    public TimeSpan Remaining
    {
        get
        {
            long until = Interlocked.Read(ref _until);
            long now = time.GetTimestamp();
            return until > now ? time.GetElapsedTime(now, until) : TimeSpan.Zero;
        }
    }
}
