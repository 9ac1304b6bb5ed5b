namespace Assay.Schemas;

/// <summary>One source's part in an average.</summary>
/// <param name="Price">Arithmetic mean of its fresh quotes in the window.</param>
/// <param name="Quotes">How many those were.</param>
/// <param name="AgeMs">Window end minus the newest quoted_at among them, in milliseconds; null where the source gives no time.</param>
public sealed record SourcePrice(decimal Price, int Quotes, long? AgeMs);

/// <summary>How far a feed's price stood from the market's average at one moment: the record of <see cref="Topics.Accuracy"/>.</summary>
/// <remarks>Fields of the contract side and of the average are null in a retracted record that can no longer be computed. Times are UTC, whole milliseconds.</remarks>
public sealed record Accuracy
{
    /// <summary><c>{feed}/window/{end ms}</c> or <c>{feed}/answer/{round_id}</c>.</summary>
    public required string Id { get; init; }
    public required string Pair { get; init; }
    public required string Feed { get; init; }
    public required long ChainId { get; init; }
    public required AccuracyTrigger Trigger { get; init; }
    public required DateTime At { get; init; }
    /// <summary>0 for the first record of an id, one more for each that replaces it.</summary>
    public required int Revision { get; init; }
    public required AccuracyStatus Status { get; init; }
    public decimal? ContractPrice { get; init; }
    public string? RoundId { get; init; }
    public DateTime? AnswerUpdatedAt { get; init; }
    public long? AnswerAgeMs { get; init; }
    public decimal? Average { get; init; }
    public DateTime? WindowStart { get; init; }
    public DateTime? WindowEnd { get; init; }
    /// <summary>By source name, in ordinal order.</summary>
    public IReadOnlyList<KeyValuePair<string, SourcePrice>> Sources { get; init; } = [];
    /// <summary>100 × (highest − lowest source price) / average, six decimals, half even.</summary>
    public decimal? DispersionPct { get; init; }
    /// <summary>100 × (contract price − average) / average, signed, six decimals, half even.</summary>
    public decimal? DeviationPct { get; init; }
}
