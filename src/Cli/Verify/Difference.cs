namespace Assay.Cli.Verify;

/// <summary>A record that is not what the raw tables call for.</summary>
/// <param name="Kind"><c>missing</c>, <c>unexpected</c>, <c>retracted</c>, <c>different</c>; or <c>late</c>, which is as it should be: an input came when the record could no longer be revised.</param>
/// <param name="Expected">The fields that the raw tables call for, by name, as the database prints them; all null where there should be none.</param>
/// <param name="Stored">The fields that stand in the table.</param>
internal sealed record Difference(string Id, string At, string Feed, string Kind, IReadOnlyDictionary<string, string?> Expected, IReadOnlyDictionary<string, string?> Stored)
{
    public bool IsLate => Kind == "late";

    public bool Says(Difference other) => (Id, At, Kind) == (other.Id, other.At, other.Kind) && Expected.SequenceEqual(other.Expected) && Stored.SequenceEqual(other.Stored);
}

/// <summary>What a verification found.</summary>
/// <param name="Windows">Window records that the raw tables call for.</param>
/// <param name="Answers">Answer records that the raw tables call for.</param>
/// <param name="OpenWindows">Window records left out, because stream time has not closed the window.</param>
/// <param name="OpenAnswers">Answers left out, because such a window serves them.</param>
/// <param name="StreamTime">Of the partition that has come furthest; null: there are no quotes.</param>
/// <param name="Differences">In the order of <c>at</c>, then <c>id</c>.</param>
internal sealed record Findings(long Windows, long Answers, long OpenWindows, long OpenAnswers, DateTimeOffset? StreamTime, IReadOnlyList<Difference> Differences);
