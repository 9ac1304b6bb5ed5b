using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Contracts.Internal;

internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Information, "Feed {Feed} on chain {Chain}: '{Description}', aggregator {Aggregator}, {Decimals} decimals; its logs are read from block {Block} on.")]
    public static partial void Following(ILogger logger, string feed, string chain, string? description, string? aggregator, int? decimals, long block);

    [LoggerMessage(501, LogLevel.Information, "Feed {Feed} on chain {Chain} has moved to a new aggregator: phase {Phase}, {Aggregator}.")]
    public static partial void Moved(ILogger logger, string feed, string chain, int? phase, string aggregator);

    [LoggerMessage(502, LogLevel.Warning, "Chain {Chain} was reorganised: {Count} answers are taken back, the first of block {Block}.")]
    public static partial void Reorganised(ILogger logger, string chain, int count, long block);

    [LoggerMessage(503, LogLevel.Warning, "Feed {Feed}: a log of block {Block} is rejected: {Detail}")]
    public static partial void Rejected(ILogger logger, string feed, long block, string detail);

    [LoggerMessage(504, LogLevel.Warning, "Chain {Chain} cannot be followed at the moment: {Reason} It is tried again with growing pauses; this is said once.")]
    public static partial void ChainFails(ILogger logger, string chain, string reason);

    [LoggerMessage(505, LogLevel.Information, "Chain {Chain} is followed again, after {Seconds:0.0} s.")]
    public static partial void ChainHealed(ILogger logger, string chain, double seconds);

    [LoggerMessage(506, LogLevel.Warning, "The answers of chain {Chain} cannot be written at the moment: {Reason} It is tried again with growing pauses; this is said once.")]
    public static partial void KafkaFails(ILogger logger, string chain, string reason);

    [LoggerMessage(507, LogLevel.Information, "The answers of chain {Chain} are written again, after {Seconds:0.0} s.")]
    public static partial void KafkaHealed(ILogger logger, string chain, double seconds);

    [LoggerMessage(508, LogLevel.Warning, "Chain {Chain} is at block {Head}, but the topic already has feed {Feed} up to block {Last}: its answers are written again from block {From} on. Where this is another chain than before, start with fresh topics.")]
    public static partial void ChainBehind(ILogger logger, string chain, long head, string feed, long last, long from);
}
