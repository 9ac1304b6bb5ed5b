using Assay.Demo.Market;
using Assay.Schemas;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Ingest.Apis;

/// <summary>What <c>assay check</c> says of sources, asked over HTTP.</summary>
public sealed class ApiIngestCheckTests
{
    private static readonly KafkaConnection NoKafka = new() { Bootstrap = "127.0.0.1:1", Registry = new("http://127.0.0.1:1/") };

    [Fact]
    public async Task Check_of_both_apis_finds_every_pair_near_the_market()
    {
        SimulatedMarket market = new(new());
        await using MarketServer server = await MarketServer.StartAsync(new(), market, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        IReadOnlyList<SourceCheck> checks = await CheckAsync(Sources.CoinGecko(server.Url), Sources.Coinpaprika(server.Url));

        Assert.All(checks, check => Assert.True(check.Ok, $"{check.EventType}: {check.Problem}"));
        Assert.Equal(
            ["cg BTC-USD", "cg ETH-USD", "cg LINK-USD", "cp-btc-usd BTC-USD", "cp-eth-usd ETH-USD", "cp-link-usd LINK-USD"],
            checks.SelectMany(check => check.Prices.Select(price => $"{check.EventType} {price.Pair}")));
        Assert.All(checks.SelectMany(check => check.Prices), price => Assert.InRange(price.Price!.Value / market.Price(price.Pair, price.QuotedAt!.Value), 0.99m, 1.01m));
    }

    [Fact]
    public async Task Check_says_what_is_wrong_with_each_source_and_where()
    {
        SimulatedMarket market = new(new());
        await using MarketServer server = await MarketServer.StartAsync(new(), market, TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        SourceOptions misspelt = Sources.Single(new Uri(server.Url, Sources.SimplePrice).AbsoluteUri, new() { Pair = "ETH-USD", Price = "/ether/usd" }) with { Name = "misspelt" };
        SourceOptions missing = Sources.Single(new Uri(server.Url, "v1/tickers/no-coin?key=abc").AbsoluteUri) with { Name = "missing" };

        IReadOnlyList<SourceCheck> checks = await CheckAsync(misspelt, missing);

        Assert.False(checks[0].Ok);
        Assert.Equal("ETH-USD: the response has nothing at /ether/usd", Assert.Single(checks[0].Prices).Problem);
        Assert.Equal("the server answered 404 Not Found", checks[1].Problem);
        Assert.EndsWith("/v1/tickers/no-coin?key=***", checks[1].Url, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<SourceCheck>> CheckAsync(params SourceOptions[] sources) =>
        new ApiIngest(sources, NoKafka, NullLoggerFactory.Instance, TimeProvider.System).CheckAsync(TestContext.Current.CancellationToken);
}
