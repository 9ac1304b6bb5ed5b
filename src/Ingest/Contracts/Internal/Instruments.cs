using System.Diagnostics.Metrics;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>What is counted, by feed.</summary>
internal static class Instruments
{
    private static readonly Meter Meter = new("Assay.Ingest.Contracts");

    public static readonly Counter<long> Answers = Meter.CreateCounter<long>("assay.ingest.contracts.answers", description: "logs written to the topic");
    public static readonly Counter<long> Removed = Meter.CreateCounter<long>("assay.ingest.contracts.removed", description: "answers taken back by a reorganisation");
    public static readonly Counter<long> Rejected = Meter.CreateCounter<long>("assay.ingest.contracts.rejected", description: "logs that are no valid answer, by reason");
    public static readonly Counter<long> Failures = Meter.CreateCounter<long>("assay.ingest.contracts.failures", description: "attempts that failed and were made again, by chain and part");
}
