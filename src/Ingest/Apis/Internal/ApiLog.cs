using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Apis.Internal;

/// <summary>What the APIs' ingest says; event ids 2100 to 2199.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(2100, LogLevel.Information, "Asking {Source} for {EventType} every {Seconds} s: {Url}")]
    public static partial void Asking(ILogger log, string source, string eventType, double seconds, string url);

    [LoggerMessage(2101, LogLevel.Warning, "{Source} {EventType}: {Detail} ({Reason}); it is asked less often until it answers again.")]
    public static partial void Failed(ILogger log, string source, string eventType, string detail, string reason);

    [LoggerMessage(2102, LogLevel.Information, "{Source} {EventType} answers again, after {Seconds:0.0} s.")]
    public static partial void Healed(ILogger log, string source, string eventType, double seconds);

    [LoggerMessage(2103, LogLevel.Warning, "{Source} {EventType}: {Detail} ({Reason}); rejected to dead-letters.")]
    public static partial void Rejected(ILogger log, string source, string eventType, string detail, string reason);

    [LoggerMessage(2104, LogLevel.Information, "{Source} {EventType} is as its mappings say again, after {Seconds:0.0} s.")]
    public static partial void Mended(ILogger log, string source, string eventType, double seconds);

    [LoggerMessage(2110, LogLevel.Warning, "Quotes do not reach Kafka: {Why}; they are kept and sent again.")]
    public static partial void KafkaFailed(ILogger log, string why);

    [LoggerMessage(2111, LogLevel.Information, "Quotes reach Kafka again, after {Seconds:0.0} s.")]
    public static partial void KafkaHealed(ILogger log, double seconds);

    [LoggerMessage(2112, LogLevel.Warning, "More than {Megabytes} MB wait for Kafka; the APIs are not asked until it has taken them.")]
    public static partial void Full(ILogger log, long megabytes);

    [LoggerMessage(2113, LogLevel.Error, "A record of {Bytes} bytes for {Topic} is dropped: Kafka refuses its size; raise the topic's max.message.bytes.")]
    public static partial void TooLarge(ILogger log, int bytes, string topic);

    [LoggerMessage(2114, LogLevel.Warning, "{Count} records had not reached Kafka {Seconds} s after the end; they are lost.")]
    public static partial void Undelivered(ILogger log, int count, double seconds);

    [LoggerMessage(2115, LogLevel.Debug, "librdkafka: {Message}")]
    public static partial void Client(ILogger log, string message);
}
