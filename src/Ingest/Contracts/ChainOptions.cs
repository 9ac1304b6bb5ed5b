namespace Assay.Ingest.Contracts;

/// <summary>A chain and the endpoints that serve it.</summary>
public sealed record ChainOptions
{
    /// <summary>The name that feeds refer to, e.g. <c>ethereum</c>.</summary>
    public required string Name { get; init; }
    /// <summary>EIP-155 chain id; an endpoint that answers with another is refused.</summary>
    public required long ChainId { get; init; }
    /// <summary><c>http(s)://</c> or <c>ws(s)://</c>, in order of preference; the next one serves while one fails. May hold an API key: never logged whole.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }
    /// <summary>The most blocks asked for in one <c>eth_getLogs</c>.</summary>
    public int MaxBlockRange { get; init; } = 1_000;
    /// <summary>Where the very first start begins, in blocks before the head; later starts go on where the topic ends.</summary>
    public int StartBlocksBack { get; init; } = 300;
    /// <summary>How often an HTTP endpoint is asked for new logs, and a WebSocket one for what a subscription may have missed.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(4);
}
