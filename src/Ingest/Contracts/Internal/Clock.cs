namespace Assay.Ingest.Contracts.Internal;

internal static class Clock
{
    /// <summary>As records carry times: UTC, whole milliseconds.</summary>
    public static DateTime Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds()).UtcDateTime;
}
