namespace Assay.Demo.Market;

/// <summary>A coin of the simulated market: its names at either API and the constants that their answers carry besides the price.</summary>
/// <param name="Pair">E.g. <c>ETH-USD</c>.</param>
/// <param name="CoinGeckoId">E.g. <c>ethereum</c>.</param>
/// <param name="CoinpaprikaId">E.g. <c>eth-ethereum</c>.</param>
/// <param name="BasePrice">What the price wanders around, in US dollars.</param>
/// <param name="MaxSupply">0: unlimited.</param>
public sealed record MarketCoin(
    string Pair, string CoinGeckoId, string CoinpaprikaId, string Name, string Symbol, int Rank, decimal BasePrice, long Supply, long MaxSupply, string FirstDataAt,
    decimal AllTimeHigh, string AllTimeHighAt)
{
    /// <summary>The coins that the market trades.</summary>
    public static IReadOnlyList<MarketCoin> All { get; } =
    [
        new("BTC-USD", "bitcoin", "btc-bitcoin", "Bitcoin", "BTC", 1, 26_400m, 19_450_000, 21_000_000, "2010-07-17T00:00:00Z", 68_692.14m, "2021-11-10T16:51:15Z"),
        new("ETH-USD", "ethereum", "eth-ethereum", "Ethereum", "ETH", 2, 1_683m, 120_200_000, 0, "2015-08-07T00:00:00Z", 4_864.11m, "2021-11-10T16:14:32Z"),
        new("LINK-USD", "chainlink", "link-chainlink", "Chainlink", "LINK", 17, 14.2m, 538_100_000, 1_000_000_000, "2017-09-20T00:00:00Z", 52.70m, "2021-05-10T00:13:57Z"),
    ];
}
