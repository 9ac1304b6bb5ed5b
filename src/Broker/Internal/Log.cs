using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal;

/// <summary>Every log message of the broker.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Embedded Kafka broker on {Bootstrap}, data in {Folder}, ready after {Milliseconds} ms. It is for development, tests and the edge; run Apache Kafka in production")]
    public static partial void Started(ILogger logger, string bootstrap, string folder, long milliseconds);

    [LoggerMessage(2, LogLevel.Information, "Schema registry on {Url}")]
    public static partial void RegistryStarted(ILogger logger, Uri url);

    [LoggerMessage(3, LogLevel.Warning, "Closing the connection of {Client}: {Reason}")]
    public static partial void ConnectionRefused(ILogger logger, string client, string reason);

    [LoggerMessage(4, LogLevel.Error, "Request {Api} v{Version} of {Client} failed")]
    public static partial void RequestFailed(ILogger logger, string api, short version, string client, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "The log of {Partition} ended in {Bytes} torn bytes; they are cut off, the log ends at offset {EndOffset}")]
    public static partial void TailTruncated(ILogger logger, string partition, long bytes, long endOffset);

    [LoggerMessage(6, LogLevel.Warning, "state.log ended in {Bytes} torn bytes; they are cut off")]
    public static partial void StateTruncated(ILogger logger, long bytes);

    [LoggerMessage(7, LogLevel.Debug, "Topic {Topic} created with {Partitions} partitions")]
    public static partial void TopicCreated(ILogger logger, string topic, int partitions);

    [LoggerMessage(8, LogLevel.Debug, "Topic {Topic} deleted")]
    public static partial void TopicDeleted(ILogger logger, string topic);

    [LoggerMessage(9, LogLevel.Debug, "Group {Group}: generation {Generation} with {Members} members ({Reason})")]
    public static partial void GroupRebalanced(ILogger logger, string group, int generation, int members, string reason);

    [LoggerMessage(10, LogLevel.Debug, "Group {Group}: member {Member} removed, {Reason}")]
    public static partial void MemberRemoved(ILogger logger, string group, string member, string reason);

    [LoggerMessage(11, LogLevel.Information, "Transaction {TransactionalId} is aborted: it took longer than its {Timeout} ms")]
    public static partial void TransactionTimedOut(ILogger logger, string transactionalId, int timeout);

    [LoggerMessage(12, LogLevel.Error, "{Work} failed; it is tried again later")]
    public static partial void MaintenanceFailed(ILogger logger, string work, Exception exception);

    [LoggerMessage(13, LogLevel.Error, "Writing to {Partition} failed")]
    public static partial void WriteFailed(ILogger logger, string partition, Exception exception);

    [LoggerMessage(14, LogLevel.Error, "{Method} {Path} at the schema registry failed")]
    public static partial void RegistryFailed(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(15, LogLevel.Error, "The log of {Partition} is damaged: {Path} holds no sound record batch at byte {Position}. What is damaged is not served; restore the file from a copy, or delete the topic and fill it anew")]
    public static partial void Damaged(ILogger logger, string partition, string path, long position);

    [LoggerMessage(16, LogLevel.Error, "Reading from {Partition} failed")]
    public static partial void ReadFailed(ILogger logger, string partition, Exception exception);

    [LoggerMessage(17, LogLevel.Debug, "Compacted {Partition}: {Before} bytes became {After}")]
    public static partial void Compacted(ILogger logger, string partition, long before, long after);

    [LoggerMessage(18, LogLevel.Warning, "A record batch of {Partition} at offset {Offset} stays as it is when the log is compacted: {Reason}")]
    public static partial void BatchNotOpened(ILogger logger, string partition, long offset, string reason);
}
