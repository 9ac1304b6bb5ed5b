using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Cli;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Role} runs against {Kafka}")]
    public static partial void RoleStarted(ILogger logger, string role, KafkaConnection kafka);
}
