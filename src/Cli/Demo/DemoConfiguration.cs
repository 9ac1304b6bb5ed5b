using Assay.Cli.Configuration;
using Assay.Demo.Chain;
using Assay.Demo.Market;
using Assay.Ingest.Apis;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Assay.Topology;

namespace Assay.Cli.Demo;

/// <summary>The configuration of the demo's roles: what <c>assay.json</c> says for the real world, said for the parts that the demo hosts, at a pace to watch.</summary>
internal static class DemoConfiguration
{
    private const string Chain = "demo";

    /// <summary>What the oracle promises, and so what its feeds are judged by.</summary>
    public static readonly OracleOptions Oracle = new();

    public static AssayConfiguration Create(KafkaConnection kafka, AnvilNode node, DemoChain chain, Uri market, DatabaseConnection database, AccuracyFormat format) => new()
    {
        Kafka = kafka,
        Database = database,
        Chains =
        [
            new ChainOptions { Name = Chain, ChainId = AnvilOptions.ChainId, Endpoints = [node.WebSocket, node.Http], PollEvery = TimeSpan.FromSeconds(2) },
        ],
        Feeds =
        [
            .. chain.Feeds.Select(feed => new FeedOptions
            {
                Name = feed.Name,
                Pair = feed.Pair,
                Chain = Chain,
                Proxy = feed.Proxy,
                Heartbeat = Oracle.Heartbeat,
                DeviationThreshold = Oracle.DeviationThreshold,
            }),
        ],
        Sources = [CoinGecko(market), Coinpaprika(market)],
        Accuracy = new AccuracyOptions
        {
            Feeds = [],
            Sources = [],
            Window = TimeSpan.FromSeconds(5),
            Grace = TimeSpan.FromSeconds(1),
            HeartbeatSlack = TimeSpan.FromSeconds(10),
            Format = format,
        },
    };

    private static SourceOptions CoinGecko(Uri market) => new()
    {
        Name = "coingecko",
        Every = TimeSpan.FromSeconds(1),
        Requests =
        [
            new RequestOptions
            {
                Url = new Uri(market, $"/api/v3/simple/price?ids={string.Join(',', MarketCoin.All.Select(coin => coin.CoinGeckoId).Order(StringComparer.Ordinal))}&vs_currencies=usd&include_last_updated_at=true"),
                EventType = "cg",
                Prices = [.. MarketCoin.All.Select(coin => new PriceOptions { Pair = coin.Pair, Price = $"/{coin.CoinGeckoId}/usd", Time = $"/{coin.CoinGeckoId}/last_updated_at" })],
            },
        ],
    };

    private static SourceOptions Coinpaprika(Uri market) => new()
    {
        Name = "coinpaprika",
        Every = TimeSpan.FromSeconds(2),
        Requests =
        [
            .. MarketCoin.All.Select(coin => new RequestOptions
            {
                Url = new Uri(market, $"/v1/tickers/{coin.CoinpaprikaId}"),
                EventType = $"cp-{coin.Pair.ToLowerInvariant()}",
                Prices = [new PriceOptions { Pair = coin.Pair, Price = "/quotes/USD/price", Time = "/last_updated" }],
            }),
        ],
    };
}
