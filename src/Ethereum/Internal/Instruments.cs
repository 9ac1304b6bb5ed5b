using System.Diagnostics.Metrics;

namespace Assay.Ethereum.Internal;

/// <summary>What is counted, by endpoint (scheme, host and port) and reason.</summary>
internal static class Instruments
{
    private static readonly Meter Meter = new("Assay.Ethereum");

    public static readonly Counter<long> Requests = Meter.CreateCounter<long>("assay.ethereum.requests", description: "JSON-RPC requests sent");
    public static readonly Counter<long> Failures = Meter.CreateCounter<long>("assay.ethereum.failures", description: "requests without a usable answer, by reason");
}
