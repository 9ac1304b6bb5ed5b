using Microsoft.Extensions.Logging;

namespace Assay.Demo.Chain.Internal;

internal static partial class Log
{
    [LoggerMessage(870, LogLevel.Information, "The EVM node anvil listens on 127.0.0.1:{Port}, its chain is in {Folder}.")]
    public static partial void AnvilListens(ILogger logger, int port, string folder);

    [LoggerMessage(871, LogLevel.Warning, "The EVM node anvil ended by itself with exit code {ExitCode} ({LogFile} has its words); it is started again from its last snapshot.")]
    public static partial void AnvilEnded(ILogger logger, int exitCode, string logFile);
}
