namespace Assay.Ingest.Apis;

/// <summary>What one request answered when it was asked once.</summary>
/// <param name="Url">Without its secrets.</param>
/// <param name="Prices">What each mapping found; empty where there was nothing to read.</param>
/// <param name="Problem">Why there was nothing to read; null where there was.</param>
public sealed record SourceCheck(string Source, string EventType, string Url, IReadOnlyList<PriceCheck> Prices, string? Problem)
{
    /// <summary>Whether every mapping found a valid price.</summary>
    public bool Ok => Problem is null && Prices.All(price => price.Problem is null);
}

/// <summary>What one mapping found in a response.</summary>
/// <param name="Price">Null where it found no valid one.</param>
/// <param name="QuotedAt">The source's own time, UTC; null where it gives none.</param>
/// <param name="Problem">What is wrong and where; null where nothing is.</param>
public sealed record PriceCheck(string Pair, decimal? Price, DateTime? QuotedAt, string? Problem);
