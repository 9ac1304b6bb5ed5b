using System.Diagnostics.Metrics;

namespace Assay.Ingest.Apis.Internal;

/// <summary>What the role counts, on the meter <c>Assay.Ingest</c>; the names are stable.</summary>
internal static class ApiMetrics
{
    private static readonly Meter Meter = new("Assay.Ingest");

    private static readonly Counter<long> Quotes = Meter.CreateCounter<long>("assay.ingest.quotes", description: "Quotes delivered to Kafka, by source");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("assay.ingest.rejections", description: "Dead letters delivered to Kafka, by reason");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("assay.ingest.failures", description: "Requests without a readable response, by source and reason");

    public static void Quote(string source) => Quotes.Add(1, new KeyValuePair<string, object?>("source", source));

    public static void Rejection(string reason) => Rejections.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void Failure(string source, string reason) =>
        Failures.Add(1, new KeyValuePair<string, object?>("source", source), new KeyValuePair<string, object?>("reason", reason));
}
