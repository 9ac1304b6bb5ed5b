using Microsoft.Extensions.Logging;

namespace Assay.Schemas;

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Warning, "Kafka at {Bootstrap} does not answer ({Reason}); trying again until it does.")]
    public static partial void KafkaUnreachable(ILogger logger, string bootstrap, string reason);
}
