using System.Numerics;

namespace Assay.Ingest.Contracts;

/// <summary>What a feed's contracts say of themselves, asked once.</summary>
/// <param name="Feed">The configured name.</param>
/// <param name="Chain">The chain's configured name.</param>
/// <param name="Problem">Null where all is well; else one sentence with the mend. What could still be read stands in the other fields.</param>
public sealed record FeedResolution(string Feed, string Chain, string? Problem = null)
{
    /// <summary>The contract whose logs are followed.</summary>
    public string? Aggregator { get; init; }
    public int? Decimals { get; init; }
    /// <summary>E.g. <c>ETH / USD</c>.</summary>
    public string? Description { get; init; }
    /// <summary>Null where an aggregator is read without a proxy.</summary>
    public int? PhaseId { get; init; }
    /// <summary>Null where the feed has no answer yet.</summary>
    public BigInteger? LatestRound { get; init; }
    public BigInteger? LatestAnswer { get; init; }
    public DateTime? LatestUpdatedAt { get; init; }
}
