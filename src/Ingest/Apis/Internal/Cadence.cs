namespace Assay.Ingest.Apis.Internal;

/// <summary>
/// Evenly spaced moments, counted from the first: what takes long delays none of those that follow, and those that pass
/// meanwhile are left out, not made up for.
/// </summary>
internal sealed class Cadence(TimeSpan every, TimeProvider time)
{
    private readonly long _anchor = time.GetTimestamp();
    private long _rounds;

    /// <summary>How long until the next moment that has neither passed nor been returned before; a timer that fires early does not get it twice.</summary>
    public TimeSpan UntilNext()
    {
        TimeSpan elapsed = time.GetElapsedTime(_anchor);
        long upcoming = (elapsed.Ticks + every.Ticks - 1) / every.Ticks;
        _rounds = Math.Max(_rounds + 1, upcoming);
        return every * _rounds - elapsed;
    }
}
