namespace Assay.Ethereum;

/// <summary>A chain and how to reach it.</summary>
public sealed record EthereumClientOptions
{
    /// <summary>Names the chain in messages.</summary>
    public required string Name { get; init; }
    /// <summary>EIP-155; an endpoint that answers with another is refused.</summary>
    public required long ChainId { get; init; }
    /// <summary><c>http(s)://</c> or <c>ws(s)://</c>, in order of preference. May hold an API key: only scheme, host and port are ever shown.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }
    /// <summary>For one request at one endpoint, connecting included.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>The most requests under way at one endpoint; further ones wait.</summary>
    public int MaxPending { get; init; } = 64;
}
