namespace Assay.Ingest.Apis;

/// <summary>The two APIs of the original demo as a configuration would state them, and smaller ones for tests that need one.</summary>
internal static class Sources
{
    public const string SimplePrice = "api/v3/simple/price?ids=bitcoin,chainlink,ethereum&vs_currencies=usd&include_last_updated_at=true";

    public static SourceOptions CoinGecko(Uri server, TimeSpan? every = null) => new()
    {
        Name = "coingecko",
        Every = every ?? TimeSpan.FromSeconds(10),
        Requests =
        [
            new()
            {
                Url = new(server, SimplePrice),
                EventType = "cg",
                Prices =
                [
                    new() { Pair = "BTC-USD", Price = "/bitcoin/usd", Time = "/bitcoin/last_updated_at" },
                    new() { Pair = "ETH-USD", Price = "/ethereum/usd", Time = "/ethereum/last_updated_at" },
                    new() { Pair = "LINK-USD", Price = "/chainlink/usd", Time = "/chainlink/last_updated_at" },
                ],
            },
        ],
    };

    public static SourceOptions Coinpaprika(Uri server, TimeSpan? every = null) => new()
    {
        Name = "coinpaprika",
        Every = every ?? TimeSpan.FromSeconds(10),
        Requests =
        [
            Ticker(server, "btc-bitcoin", "cp-btc-usd", "BTC-USD"),
            Ticker(server, "eth-ethereum", "cp-eth-usd", "ETH-USD"),
            Ticker(server, "link-chainlink", "cp-link-usd", "LINK-USD"),
        ],
    };

    /// <summary>A source with one request that finds ETH-USD's price at /price.</summary>
    public static SourceOptions Single(string url, PriceOptions? price = null) => new()
    {
        Name = "single",
        Requests = [new() { Url = new(url), EventType = "one", Prices = [price ?? new() { Pair = "ETH-USD", Price = "/price" }] }],
    };

    private static RequestOptions Ticker(Uri server, string coin, string eventType, string pair) => new()
    {
        Url = new(server, $"v1/tickers/{coin}"),
        EventType = eventType,
        Prices = [new() { Pair = pair, Price = "/quotes/USD/price", Time = "/last_updated" }],
    };
}
