using Microsoft.Extensions.Logging;

namespace Assay.Streams;

internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Warning, "Skipped: {Stage} of {Origin} failed in '{Node}' (task {Task}).")]
    public static partial void RecordSkipped(this ILogger log, Exception exception, ErrorStage stage, string origin, string node, TaskId task);

    [LoggerMessage(102, LogLevel.Warning, "Dead-lettered to {Topic}: {Stage} of {Origin} failed in '{Node}' (task {Task}).")]
    public static partial void RecordDeadLettered(this ILogger log, Exception exception, ErrorStage stage, string origin, string node, TaskId task, string topic);

    [LoggerMessage(103, LogLevel.Warning, "Processor '{Node}' of task {Task} failed to close.")]
    public static partial void CloseFailed(this ILogger log, Exception exception, string node, TaskId task);
}
