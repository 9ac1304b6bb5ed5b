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

    [LoggerMessage(104, LogLevel.Debug, "{Client}: {Message}")]
    public static partial void Client(this ILogger log, string client, string message);

    [LoggerMessage(105, LogLevel.Debug, "{Thread}: Kafka client error: {Reason}")]
    public static partial void ClientError(this ILogger log, string thread, string reason);

    [LoggerMessage(106, LogLevel.Information, "{Application}: {From} to {To}.")]
    public static partial void StateChanged(this ILogger log, string application, StreamsState from, StreamsState to);

    [LoggerMessage(107, LogLevel.Information, "{Thread}: assigned {Tasks}.")]
    public static partial void Assigned(this ILogger log, string thread, string tasks);

    [LoggerMessage(108, LogLevel.Information, "{Thread}: restored task {Task} ({Records} records).")]
    public static partial void Restored(this ILogger log, string thread, TaskId task, long records);

    [LoggerMessage(109, LogLevel.Warning, "{Thread}: work since the last commit is undone and done again: {Reason}")]
    public static partial void TransactionLost(this ILogger log, Exception exception, string thread, string reason);

    [LoggerMessage(110, LogLevel.Warning, "{Thread}: partitions were lost to others in the group.")]
    public static partial void PartitionsLost(this ILogger log, string thread);

    [LoggerMessage(111, LogLevel.Warning, "{What}: Kafka does not answer, trying again in {Delay} ms: {Reason}")]
    public static partial void KafkaUnavailable(this ILogger log, string what, long delay, string reason);

    [LoggerMessage(112, LogLevel.Error, "{Thread} died.")]
    public static partial void ThreadDied(this ILogger log, Exception exception, string thread);

    [LoggerMessage(113, LogLevel.Warning, "{Thread}: the consumer reports: {Reason}")]
    public static partial void ConsumerError(this ILogger log, string thread, string reason);

    [LoggerMessage(114, LogLevel.Debug, "{Thread}: records that were read stay in repartition topics for now: {Reason}")]
    public static partial void PurgeFailed(this ILogger log, string thread, string reason);

    [LoggerMessage(115, LogLevel.Warning, "{Application}: whether topics have grown is not known: {Reason}")]
    public static partial void GrowthUnknown(this ILogger log, string application, string reason);

    [LoggerMessage(116, LogLevel.Information, "{Thread}: keeps standbys of tasks {Tasks}.")]
    public static partial void Standbys(this ILogger log, string thread, string tasks);

    [LoggerMessage(130, LogLevel.Warning, "Store '{Store}' of task {Task} is emptied and restored from the beginning of its changelog: {Reason}.")]
    public static partial void StoreWiped(this ILogger log, string store, TaskId task, string reason);

    [LoggerMessage(131, LogLevel.Warning, "Store '{Store}' of task {Task} did not close; what it lacks is read from its changelog next time: {Reason}")]
    public static partial void StoreNotClosed(this ILogger log, string store, TaskId task, string reason);

    [LoggerMessage(132, LogLevel.Information, "Deleted {Folder}: its task has moved away.")]
    public static partial void StateDeleted(this ILogger log, string folder);

    [LoggerMessage(133, LogLevel.Warning, "{Folder}, whose task has moved away, cannot be deleted: {Reason}")]
    public static partial void StateNotDeleted(this ILogger log, string folder, string reason);

    [LoggerMessage(120, LogLevel.Warning, "Left out: a record of {Topic} without a key, which a table needs.")]
    public static partial void RecordWithoutKey(this ILogger log, string topic);

    [LoggerMessage(121, LogLevel.Warning, "Out of order: an update of table {Topic} at {Timestamp} replaces one at {Later}.")]
    public static partial void UpdateOutOfOrder(this ILogger log, string topic, long timestamp, long later);

    [LoggerMessage(125, LogLevel.Warning, "Left out: an update of table {Topic} at {Timestamp}, before the history that the table keeps at stream time {StreamTime}.")]
    public static partial void UpdateBeforeHistory(this ILogger log, string topic, long timestamp, long streamTime);

    [LoggerMessage(122, LogLevel.Warning, "Left out of a join: a record without key or value.")]
    public static partial void RecordNotJoined(this ILogger log);

    [LoggerMessage(123, LogLevel.Warning, "Left out of the aggregate '{Store}': a record without key or value.")]
    public static partial void RecordNotAggregated(this ILogger log, string store);

    [LoggerMessage(124, LogLevel.Debug, "Late for a window of '{Store}': record at {Timestamp}, window {Start} to {End}, stream time {StreamTime}.")]
    public static partial void RecordLate(this ILogger log, string store, long timestamp, long start, long end, long streamTime);
}
