namespace Assay.Demo.Market;

public sealed class SimulatedMarketTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Price_depends_on_seed_and_moment_only()
    {
        SimulatedMarket one = new(new() { Seed = 7 });
        SimulatedMarket other = new(new() { Seed = 7 });
        DateTimeOffset[] moments = [.. Enumerable.Range(0, 50).Select(second => Noon.AddSeconds(second))];

        decimal[] forward = [.. moments.Select(moment => one.Price("ETH-USD", moment))];
        decimal[] backward = [.. moments.Reverse().Select(moment => other.Price("ETH-USD", moment)).Reverse()];

        Assert.Equal(forward, backward);
        Assert.NotEqual(forward[0], new SimulatedMarket(new() { Seed = 8 }).Price("ETH-USD", moments[0]));
    }

    [Fact]
    public void Price_moves_as_fast_as_its_volatility_says()
    {
        SimulatedMarket market = new(new() { VolatilityPct = 0.05, JumpPct = 0 });
        double[] moves = [.. Enumerable.Range(0, 20_000).Select(second => LogMovePct(market, second))];

        double deviation = Math.Sqrt(moves.Select(move => move * move).Average());

        Assert.InRange(deviation, 0.048, 0.052);
    }

    [Fact]
    public void Price_jumps_about_once_in_each_span()
    {
        SimulatedMarket market = new(new() { VolatilityPct = 0, JumpPct = 0.5, JumpEvery = TimeSpan.FromSeconds(50) });

        int jumps = Enumerable.Range(0, 20_000).Count(second => Math.Abs(LogMovePct(market, second)) > 0.05);

        // Each of the 400 spans has one; those lower than a tenth of the standard deviation (8 %) are not seen.
        Assert.InRange(jumps, 340, 400);
    }

    [Fact]
    public void Price_stays_around_its_base_for_years()
    {
        SimulatedMarket market = new(new());
        foreach (MarketCoin coin in MarketCoin.All)
        {
            decimal[] prices = [.. Enumerable.Range(0, 5_000).Select(step => market.Price(coin.Pair, Noon.AddHours(7.3 * step)))];
            Assert.All(prices, price => Assert.InRange(price / coin.BasePrice, 0.6m, 1.6m));
        }
    }

    [Fact]
    public void Pair_that_is_not_traded_is_named()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => new SimulatedMarket(new()).Price("DOGE-USD", Noon));
        Assert.Contains("DOGE-USD", failure.Message, StringComparison.Ordinal);
    }

    private static double LogMovePct(SimulatedMarket market, int second) =>
        100 * Math.Log((double)(market.Price("BTC-USD", Noon.AddSeconds(second + 1)) / market.Price("BTC-USD", Noon.AddSeconds(second))));
}
