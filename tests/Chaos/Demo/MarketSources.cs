using Assay.Demo.Market;
using Assay.Ingest.Apis;

namespace Assay.Chaos.Tests.Demo;

/// <summary>What is asked of the simulated price APIs, and which quotes each of their responses must become.</summary>
internal static class MarketSources
{
    /// <summary>The sources, at a server.</summary>
    public static IReadOnlyList<SourceOptions> At(Uri market) =>
    [
        new SourceOptions
        {
            Name = "coingecko",
            Every = TimeSpan.FromSeconds(0.5),
            Requests =
            [
                new RequestOptions
                {
                    Url = new Uri(market, $"/api/v3/simple/price?ids={string.Join(',', MarketCoin.All.Select(coin => coin.CoinGeckoId))}&vs_currencies=usd&include_last_updated_at=true"),
                    EventType = "cg",
                    Prices = [.. MarketCoin.All.Select(coin => new PriceOptions { Pair = coin.Pair, Price = $"/{coin.CoinGeckoId}/usd", Time = $"/{coin.CoinGeckoId}/last_updated_at" })],
                },
            ],
        },
        new SourceOptions
        {
            Name = "coinpaprika",
            Every = TimeSpan.FromSeconds(1),
            Requests =
            [
                .. MarketCoin.All.Select(coin => new RequestOptions
                {
                    Url = new Uri(market, Ticker(coin)), EventType = Type(coin),
                    Prices = [new PriceOptions { Pair = coin.Pair, Price = "/quotes/USD/price", Time = "/last_updated" }],
                }),
            ],
        },
    ];

    /// <summary>The event type and the pairs of a response.</summary>
    public static (string Type, IReadOnlyList<string> Pairs) Quotes(ServedResponse response) =>
        MarketCoin.All.FirstOrDefault(coin => response.Path == Ticker(coin)) is { } one ? (Type(one), [one.Pair]) : ("cg", [.. MarketCoin.All.Select(coin => coin.Pair)]);

    private static string Ticker(MarketCoin coin) => $"/v1/tickers/{coin.CoinpaprikaId}";

    private static string Type(MarketCoin coin) => $"cp-{coin.Pair.ToLowerInvariant()}";
}
