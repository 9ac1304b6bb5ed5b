using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;

namespace Assay.Schemas;

/// <summary>Records that are sent again after they were rejected, and the letters that say so.</summary>
/// <remarks>
/// A record may have been rejected by one of its readers and taken by the others, who must not take it twice. So what is sent again names in a header who is to read it; all others
/// pass over it. In one transaction with it goes a letter to <see cref="Topics.DeadLetters"/> that marks the rejection as answered: none is answered twice.
/// </remarks>
public static partial class Resend
{
    /// <summary>The stage of letters that mark a rejection as answered.</summary>
    public const string Stage = "resend";

    /// <summary>Their reason.</summary>
    public const string Reason = "resent";

    /// <summary>Of a record that is sent again and of its mark: the stages that had rejected it, separated by commas.</summary>
    public const string ForHeader = "for";

    /// <summary>Whether a record is sent again, and not for this stage.</summary>
    public static bool IsForOthers(Headers? headers, string stage) => headers is { Count: > 0 } && Stages(headers) is { Length: > 0 } stages && !stages.Contains(stage);

    /// <summary>Whom a record or a mark is for; empty where it was not sent again.</summary>
    public static string[] Stages(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(ForHeader, out byte[]? bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes).Split(',') : [];

    /// <summary>Where the rejected record stands in a topic that can take it again; null where the letter holds something else, e.g. the response of an API.</summary>
    public static TopicPartitionOffset? PlaceOf(DeadLetter letter) =>
        Place().Match(letter.Origin) is { Success: true } place && int.TryParse(place.Groups["partition"].Value, out int partition) && long.TryParse(place.Groups["offset"].Value, out long offset)
            ? new TopicPartitionOffset(place.Groups["topic"].Value, partition, offset)
            : null;

    /// <summary>The record to send again.</summary>
    public static Message<byte[], byte[]> Again(DeadLetter letter, IEnumerable<string> stages) => new()
    {
        Key = letter.Key!,
        Value = letter.Value!,
        Timestamp = new Timestamp(letter.RejectedAt, TimestampType.CreateTime),
        Headers = [new Header(ForHeader, Joined(stages)), new Header(DeadLetter.OriginHeader, Encoding.UTF8.GetBytes(letter.Origin))],
    };

    /// <summary>The letter that marks its rejections as answered.</summary>
    public static Message<byte[], byte[]> Mark(DeadLetter letter, IEnumerable<string> stages, DateTime now)
    {
        Message<byte[], byte[]> mark = new DeadLetter(letter.Key, null, Stage, Reason, $"Sent again for {string.Join(" and ", stages)}.", letter.Origin, now).ToMessage();
        mark.Headers.Add(ForHeader, Joined(stages));
        return mark;
    }

    private static byte[] Joined(IEnumerable<string> stages) => Encoding.UTF8.GetBytes(string.Join(',', stages));

    [GeneratedRegex(@"^(?<topic>contracts|apis|accuracy)-(?<partition>[0-9]+)-(?<offset>[0-9]+)$")]
    private static partial Regex Place();
}
