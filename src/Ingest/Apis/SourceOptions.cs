namespace Assay.Ingest.Apis;

/// <summary>One price API, asked on a fixed cadence.</summary>
public sealed record SourceOptions
{
    /// <summary>E.g. <c>coingecko</c>; no two sources share one.</summary>
    public required string Name { get; init; }
    /// <summary>One or more requests; each response may price several pairs.</summary>
    public required IReadOnlyList<RequestOptions> Requests { get; init; }
    /// <summary>Time from one asking to the next, of each request; from 50 ms to a day.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>A request whose response is not there to the last byte by then has failed; from 50 ms to 5 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Sent with each request; the values are never logged or stored.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
    /// <summary>A quote older than this on arrival is stored but not averaged; null: any age counts.</summary>
    public TimeSpan? MaxAge { get; init; }
}

/// <summary>One request and how its JSON answer is read.</summary>
public sealed record RequestOptions
{
    /// <summary><c>http</c> or <c>https</c>; a redirection is not followed.</summary>
    public required Uri Url { get; init; }
    /// <summary>The URL as logs and dead letters show it, with placeholders for its secrets; null: <see cref="Url"/>, the values of parameters that are named like keys starred out.</summary>
    public string? ShownUrl { get; init; }
    /// <summary>The original demo's name of the request: <c>cg</c>, <c>cp-eth-usd</c>.</summary>
    public required string EventType { get; init; }
    public required IReadOnlyList<PriceOptions> Prices { get; init; }
}

/// <summary>Where in the answer a pair's price and time stand.</summary>
public sealed record PriceOptions
{
    /// <summary>E.g. <c>ETH-USD</c>.</summary>
    public required string Pair { get; init; }
    /// <summary>JSON Pointer (RFC 6901) to a number or a string that holds one, e.g. <c>/ethereum/usd</c>.</summary>
    public required string Price { get; init; }
    /// <summary>JSON Pointer to the source's own time: unix seconds or milliseconds, or ISO-8601; null: the source gives none.</summary>
    public string? Time { get; init; }
}
