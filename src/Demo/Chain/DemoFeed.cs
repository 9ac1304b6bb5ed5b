namespace Assay.Demo.Chain;

/// <summary>A price feed on the demo's chain.</summary>
/// <param name="Name">E.g. <c>eth-usd</c>.</param>
/// <param name="Pair">E.g. <c>ETH-USD</c>.</param>
/// <param name="Proxy">0x and 40 hex digits; the same on every demo chain.</param>
public sealed record DemoFeed(string Name, string Pair, string Proxy);
