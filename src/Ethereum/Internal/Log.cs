using Microsoft.Extensions.Logging;

namespace Assay.Ethereum.Internal;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning, "Endpoint {Endpoint} of chain {Chain} does not serve: {Reason}. It is tried again with growing pauses; this is said once.")]
    public static partial void EndpointFailed(ILogger logger, string endpoint, string chain, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Endpoint {Endpoint} of chain {Chain} serves again, after {Failures} failed attempts in {Seconds:0.0} s.")]
    public static partial void EndpointHealed(ILogger logger, string endpoint, string chain, int failures, double seconds);

    [LoggerMessage(3003, LogLevel.Error, "Endpoint {Endpoint} of chain {Chain} is not used: {Reason}. Correct its URL or the chain's chain_id.")]
    public static partial void EndpointRefused(ILogger logger, string endpoint, string chain, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Endpoint {Endpoint} of chain {Chain} sent a notification that is no log: {Reason} Such are left out.")]
    public static partial void BadNotification(ILogger logger, string endpoint, string chain, string reason);
}
