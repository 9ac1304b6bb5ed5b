namespace Assay.Ingest.Apis.Internal;

/// <summary>A configured request, ready to be sent: checked, and its pointers parsed.</summary>
/// <param name="Url">With its secrets; for the wire only.</param>
/// <param name="Origin">The URL without its secrets; for logs and dead letters.</param>
/// <param name="Headers">With their secrets; for the wire only.</param>
internal sealed record SourceRequest(
    string Source, string EventType, Uri Url, string Origin, IReadOnlyList<KeyValuePair<string, string>> Headers, TimeSpan Every, TimeSpan Timeout,
    IReadOnlyList<PriceMapping> Prices);

/// <summary>Where in a response a pair's price and time stand.</summary>
internal sealed record PriceMapping(string Pair, JsonPointer Price, JsonPointer? Time);
