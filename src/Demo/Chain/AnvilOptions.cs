namespace Assay.Demo.Chain;

/// <summary>How the demo's EVM node runs.</summary>
public sealed record AnvilOptions
{
    /// <summary>EIP-155 chain id; anvil's own default.</summary>
    public const long ChainId = 31337;

    /// <summary>Where the chain is kept; made if missing. One node at a time.</summary>
    public required string DataFolder { get; init; }
    /// <summary>On 127.0.0.1; another free one where it is taken, or where this is 0.</summary>
    public int Port { get; init; }
}
