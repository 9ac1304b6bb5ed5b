using System.Text.Json;
using Assay.Cli.Tail;
using Assay.Schemas;

namespace Assay.Cli.DeadLetters;

/// <summary>A dead letter and what became of it.</summary>
/// <param name="Place">Where it stands: topic-partition-offset.</param>
/// <param name="ResentAt">When its record was sent again; null: it was not.</param>
internal sealed record FoundLetter(DeadLetter Letter, string Place, int Partition, DateTime? ResentAt)
{
    /// <summary>Its record's topic; null where the record is in none of those that take records again.</summary>
    public string? Topic => Resend.PlaceOf(Letter)?.Topic;

    /// <summary>In a word: <c>open</c>, <c>resent</c>, or <c>-</c> where there is no record to send again.</summary>
    public string State => ResentAt is not null ? "resent" : Topic is null ? "-" : "open";

    /// <summary>As tail shows it, with its place and what became of it.</summary>
    public TailedRecord Shown()
    {
        string json = RecordDecoder.Letter(Letter, writer =>
        {
            writer.WriteString("place", Place);
            writer.WriteString("state", State);
        });
        using JsonDocument document = JsonDocument.Parse(json);
        return new TailedRecord(json, document.RootElement.Clone(), null);
    }
}

/// <summary>Which letters are meant; null: any.</summary>
/// <param name="Topic">Of the record that was rejected.</param>
/// <param name="Since">The first moment of rejection.</param>
internal sealed record LetterFilter(string? Reason, string? Topic, DateTime? Since)
{
    public bool Takes(FoundLetter letter) =>
        (Reason is null || letter.Letter.Reason == Reason) && (Topic is null || letter.Topic == Topic) && (Since is null || letter.Letter.RejectedAt >= Since);
}
