using Microsoft.Extensions.Logging;

namespace Assay.Demo.Market;

/// <summary>What the market says; event ids 5100 to 5199.</summary>
internal static partial class MarketLog
{
    [LoggerMessage(5100, LogLevel.Warning, "The oracle could not write {Pair}: {Why}; it goes on trying.")]
    public static partial void OracleFailed(ILogger log, string pair, string why);

    [LoggerMessage(5101, LogLevel.Information, "The oracle writes {Pair} again after {Failures} failed submissions.")]
    public static partial void OracleHealed(ILogger log, string pair, int failures);

    [LoggerMessage(5110, LogLevel.Debug, "{Status} {Path}")]
    public static partial void Served(ILogger log, int status, string path);
}
