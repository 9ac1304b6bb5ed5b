using Microsoft.Extensions.Logging;

namespace Assay.Topology;

internal static partial class Log
{
    [LoggerMessage(501, LogLevel.Warning, "The topology waits for the schema registry: {Reason}")]
    public static partial void RegistryAway(this ILogger log, string reason);
}
