using System.Text;
using Confluent.Kafka;

namespace Assay.Schemas;

/// <summary>What was rejected, in the form in which it stands in <see cref="Topics.DeadLetters"/>: the bytes as received, the circumstances in headers.</summary>
/// <param name="Key">The key as received; null where there was none.</param>
/// <param name="Value">The bytes as received.</param>
/// <param name="Stage">Where it was rejected: <c>contracts</c>, <c>apis</c>, <c>topology</c> or <c>sink</c>.</param>
/// <param name="Reason">A short, countable name of the cause, one of <see cref="RejectionReason"/>.</param>
/// <param name="Detail">One sentence that names what was wrong.</param>
/// <param name="Origin"><c>topic-partition-offset</c>, or source and URL without its secrets.</param>
/// <param name="RejectedAt">UTC.</param>
public sealed record DeadLetter(byte[]? Key, byte[]? Value, string Stage, string Reason, string Detail, string Origin, DateTime RejectedAt)
{
    public const string StageHeader = "stage";
    public const string ReasonHeader = "reason";
    public const string DetailHeader = "detail";
    public const string OriginHeader = "origin";

    /// <summary>The Kafka message of this dead letter.</summary>
    public Message<byte[], byte[]> ToMessage() => new()
    {
        Key = Key!,
        Value = Value!,
        Timestamp = new Timestamp(RejectedAt, TimestampType.CreateTime),
        Headers =
        [
            new Header(StageHeader, Encoding.UTF8.GetBytes(Stage)),
            new Header(ReasonHeader, Encoding.UTF8.GetBytes(Reason)),
            new Header(DetailHeader, Encoding.UTF8.GetBytes(Detail)),
            new Header(OriginHeader, Encoding.UTF8.GetBytes(Origin)),
        ],
    };

    /// <summary>Reads a message of <see cref="Topics.DeadLetters"/>; a header that is missing reads as the empty string.</summary>
    public static DeadLetter FromMessage(Message<byte[], byte[]> message) =>
        new(message.Key, message.Value, Text(message.Headers, StageHeader), Text(message.Headers, ReasonHeader), Text(message.Headers, DetailHeader),
            Text(message.Headers, OriginHeader), message.Timestamp.UtcDateTime);

    private static string Text(Headers? headers, string name) =>
        headers is not null && headers.TryGetLastBytes(name, out byte[]? bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes) : "";
}

/// <summary>The countable causes of rejection (semantics: Validation).</summary>
public static class RejectionReason
{
    public const string Undecodable = "undecodable";
    public const string UnknownPair = "unknown-pair";
    public const string UnknownFeed = "unknown-feed";
    public const string UnknownSource = "unknown-source";
    public const string BadPrice = "bad-price";
    public const string FutureTime = "future-time";
    public const string BadResponse = "bad-response";
    public const string BadAnswer = "bad-answer";
    public const string RefusedRow = "refused-row";
}
