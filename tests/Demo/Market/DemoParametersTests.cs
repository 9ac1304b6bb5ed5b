namespace Assay.Demo.Market;

/// <summary>Whether a minute of the demo shows what it is there to show, by playing many of them with the defaults.</summary>
public sealed class DemoParametersTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    /// <summary>The accuracy topology's default: this much beyond the threshold is deviating.</summary>
    private const decimal Slack = 0.25m;

    [Theory]
    [InlineData("ETH-USD")]
    [InlineData("LINK-USD")]
    [InlineData("BTC-USD")]
    public void Minute_shows_several_answers_mostly_right_and_now_and_then_off(string pair)
    {
        SimulatedMarket market = new(new());
        OracleOptions oracle = new();
        ApiOptions[] apis = [new MarketServerOptions().CoinGecko, new MarketServerOptions().Coinpaprika];
        int windows = 0, deviating = 0, answers = 0;
        const int minutes = 200;
        decimal answered = 0;
        DateTimeOffset answeredAt = Noon;

        for (DateTimeOffset at = Noon; at < Noon.AddMinutes(minutes); at += oracle.Every)
        {
            decimal price = market.Price(pair, at);
            if (answered == 0 || at - answeredAt >= oracle.Heartbeat || 100 * Math.Abs(price - answered) / answered >= oracle.DeviationThreshold)
                (answered, answeredAt, answers) = (price, at, answers + 1);
            if ((at - Noon).Ticks % Window.Ticks != 0)
                continue;
            decimal average = apis.Average(api => Enumerable.Range(0, 5).Average(second => market.Price(pair, at - Window + TimeSpan.FromSeconds(second) - api.Lag)));
            windows++;
            if (100 * Math.Abs(answered - average) / average > oracle.DeviationThreshold + Slack)
                deviating++;
        }

        Assert.InRange((double)answers / minutes, 3.5, 15);
        Assert.InRange(100.0 * deviating / windows, 1, 15);
    }
}
