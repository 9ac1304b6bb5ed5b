namespace Assay.Streams.Internal.Threads;

/// <summary>Delays between attempts: 100 ms, doubled each time up to 5 s, and spread so that instances do not march in step.</summary>
internal static class Backoff
{
    public static TimeSpan Delay(int attempt) =>
        TimeSpan.FromMilliseconds(Math.Min(5_000, 100 * Math.Pow(2, Math.Min(attempt, 10))) * (0.5 + Random.Shared.NextDouble() / 2));
}
