namespace Assay.Ingest.Contracts;

/// <summary>One contract's price of one pair on one chain.</summary>
public sealed record FeedOptions
{
    /// <summary>E.g. <c>eth-usd</c>; also the original demo's <c>event_type</c>.</summary>
    public required string Name { get; init; }
    /// <summary>E.g. <c>ETH-USD</c>.</summary>
    public required string Pair { get; init; }
    /// <summary>Name of a <see cref="ChainOptions"/>.</summary>
    public required string Chain { get; init; }
    /// <summary>Address of the proxy; null where <see cref="Aggregator"/> is given instead.</summary>
    public string? Proxy { get; init; }
    /// <summary>Address of an aggregator that is read directly; null where <see cref="Proxy"/> leads to it.</summary>
    public string? Aggregator { get; init; }
    /// <summary>The oracle promises an answer at least this often.</summary>
    public required TimeSpan Heartbeat { get; init; }
    /// <summary>The oracle promises an answer when the price has moved this far, in percent.</summary>
    public required decimal DeviationThreshold { get; init; }
}
