namespace Assay.Ingest.Contracts.Internal;

/// <summary>One part's failures in a row: says when it began and when it ended, and how long to wait in between (doubling, jittered, bounded).</summary>
internal sealed class Outage(TimeSpan first, TimeSpan longest, TimeProvider time, Action<string> began, Action<double> ended)
{
    private int _failures;
    private long _since;

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Fail(string reason)
    {
        if (_failures == 0)
        {
            _since = time.GetTimestamp();
            began(reason);
        }
        TimeSpan pause = first * Math.Pow(2, Math.Min(_failures, 16));
        _failures++;
        return (pause < longest ? pause : longest) * (0.5 + Random.Shared.NextDouble() / 2);
    }

    public void Succeed()
    {
        if (_failures == 0)
            return;
        _failures = 0;
        ended(time.GetElapsedTime(_since).TotalSeconds);
    }
}
