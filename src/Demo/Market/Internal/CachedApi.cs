using System.Net;

namespace Assay.Demo.Market.Internal;

/// <summary>One request as an API sees it.</summary>
internal readonly record struct ApiRequest(string Path, IReadOnlyDictionary<string, string> Query, DateTimeOffset Now);

/// <summary>What an API answers; <see cref="Age"/> and <see cref="MaxAge"/> where it comes from the cache.</summary>
internal readonly record struct ApiAnswer(int Status, string Body, TimeSpan? Age = null, TimeSpan? MaxAge = null, TimeSpan? RetryAfter = null);

/// <summary>
/// What the simulated APIs have in common: a limit per client, and prices as they were when the cache was last filled — late,
/// slightly wrong, and the same until it is filled again.
/// </summary>
internal abstract class CachedApi(ApiOptions options, SimulatedMarket market, ulong noise, TimeProvider time)
{
    private readonly RateLimit _limit = new(options.Burst, options.RequestsPerSecond, time);

    /// <summary>Null where the path is not this API's.</summary>
    public ApiAnswer? Answer(ApiRequest request, IPAddress client)
    {
        if (!Owns(request.Path))
            return null;
        return _limit.Take(client) is { } wait ? new(429, TooManyRequests, RetryAfter: wait) : Answer(request);
    }

    protected abstract string TooManyRequests { get; }

    protected abstract bool Owns(string path);

    protected abstract ApiAnswer Answer(ApiRequest request);

    protected ApiAnswer Cached(string body, DateTimeOffset now) => new(200, body, now - Filled(now), options.Refresh);

    /// <summary>The moment the cached prices are of.</summary>
    protected DateTimeOffset QuotedAt(DateTimeOffset now) => Filled(now) - options.Lag;

    protected decimal Quote(MarketCoin coin, DateTimeOffset now)
    {
        double error = options.NoisePct / 100 * HashNoise.Normal(noise, Filled(now).ToUnixTimeMilliseconds(), coin.Rank);
        return market.Price(coin.Pair, QuotedAt(now)) * (1 + (decimal)error);
    }

    protected decimal QuoteBefore(MarketCoin coin, DateTimeOffset now, TimeSpan before) => market.Price(coin.Pair, QuotedAt(now) - before);

    private DateTimeOffset Filled(DateTimeOffset now) => now - TimeSpan.FromTicks((now - DateTimeOffset.UnixEpoch).Ticks % options.Refresh.Ticks);
}
