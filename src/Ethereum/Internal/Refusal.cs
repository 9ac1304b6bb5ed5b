namespace Assay.Ethereum.Internal;

/// <summary>Tells a node's refusals apart. Codes do not: −32005 means "too fast" at one provider and "too many results" at another; the words decide.</summary>
internal static class Refusal
{
    private const int LimitExceeded = -32005;
    private const int TooManyRequests = 429;

    private static readonly string[] RangeWords =
    [
        "range", "more than", "too many results", "too many logs", "response size", "query timeout", "query exceeds", "max results", "limited to", "too large",
    ];

    private static readonly string[] RateWords =
        ["rate limit", "ratelimit", "too many requests", "request limit", "requests per", "request count exceeded", "compute units", "throughput", "capacity"];

    /// <summary>The node asks for fewer blocks or results in one <c>eth_getLogs</c>.</summary>
    public static bool IsRangeTooLarge(RpcResponseException failure) => !Speaks(failure, RateWords) && Speaks(failure, RangeWords);

    /// <summary>The node asks for fewer requests.</summary>
    public static bool IsRateLimit(RpcResponseException failure) =>
        Speaks(failure, RateWords) || (failure.Code is LimitExceeded or TooManyRequests && !Speaks(failure, RangeWords));

    private static bool Speaks(RpcResponseException failure, string[] words) =>
        words.Any(word => failure.Reason.Contains(word, StringComparison.OrdinalIgnoreCase));
}
