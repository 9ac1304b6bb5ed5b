namespace Assay.Ingest.Apis.Internal;

/// <summary>How long what has failed is left alone.</summary>
internal static class Backoff
{
    /// <summary>A server that asks for more than this is misunderstood or mistaken.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <summary>Doubles with each failure from <paramref name="first"/> up to <paramref name="longest"/>; of that, a random half to all of it.</summary>
    /// <param name="failures">In a row, from 1.</param>
    /// <param name="jitter">Uniform in [0, 1).</param>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest, double jitter)
    {
        double doubled = first.TotalSeconds * Math.Pow(2, Math.Min(failures, 32) - 1);
        return TimeSpan.FromSeconds(Math.Min(doubled, longest.TotalSeconds) * (0.5 + jitter / 2));
    }

    /// <summary>What the server asks for, bounded, and up to a tenth more so that its clients do not all return at once.</summary>
    public static TimeSpan Asked(TimeSpan retryAfter, double jitter) => (retryAfter < LongestAsked ? retryAfter : LongestAsked) * (1 + jitter / 10);
}
