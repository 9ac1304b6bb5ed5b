using Microsoft.Extensions.Logging;

namespace Assay.Sink;

internal static partial class Log
{
    [LoggerMessage(600, LogLevel.Information, "The schema of the database '{Database}' went from step {Before} to {After}: {Kind}{Why}.")]
    public static partial void SchemaApplied(ILogger logger, string? database, int before, int after, string kind, string why);

    [LoggerMessage(601, LogLevel.Warning, "{Sentence} The sink waits, keeps its place and tries again until it can go on.")]
    public static partial void Waiting(ILogger logger, string sentence);

    [LoggerMessage(602, LogLevel.Information, "The sink goes on after {Seconds:0.0} s.")]
    public static partial void GoingOn(ILogger logger, double seconds);

    [LoggerMessage(603, LogLevel.Information, "The sink stores {Partitions}.")]
    public static partial void Claimed(ILogger logger, string partitions);

    [LoggerMessage(604, LogLevel.Warning, "Another instance stores what this one had ({Detail}); joining the group again.")]
    public static partial void Fenced(ILogger logger, string detail);

    [LoggerMessage(605, LogLevel.Warning, "The topic {Topic} gives offset {Offset} of partition {Partition}, and all before {Stored} was stored already: it was created anew, and is read from its start.")]
    public static partial void TopicAnew(ILogger logger, string topic, long offset, int partition, long stored);

    [LoggerMessage(606, LogLevel.Warning, "The record {Origin} goes to the dead letters: {Detail}")]
    public static partial void RecordRejected(ILogger logger, string origin, string detail);

    [LoggerMessage(607, LogLevel.Error, "The dead letter {Origin} cannot be stored ({Detail}); it stays in its topic.")]
    public static partial void LetterRefused(ILogger logger, string origin, string detail);

    [LoggerMessage(608, LogLevel.Warning, "Kafka at {Bootstrap}: {Reason}; the sink waits until it answers.")]
    public static partial void KafkaTrouble(ILogger logger, string bootstrap, string reason);

    [LoggerMessage(609, LogLevel.Warning, "The tables of the database '{Database}' belong to the user '{User}', who may not give them to assay_owner and use the roles of least rights; a superuser can mend that by: {Statements}")]
    public static partial void RolesMissing(ILogger logger, string? database, string? user, string statements);

    [LoggerMessage(610, LogLevel.Information, "Rows of the database '{Database}' are kept {Duration}.")]
    public static partial void RetentionChanged(ILogger logger, string? database, string duration);

    [LoggerMessage(611, LogLevel.Warning, "The database '{Database}' has plain tables, and database.retention works with TimescaleDB only: nothing is deleted.")]
    public static partial void RetentionIgnored(ILogger logger, string? database);
}
