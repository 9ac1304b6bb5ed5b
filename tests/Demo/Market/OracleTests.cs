using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Demo.Market;

public sealed class OracleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SimulatedMarket Still = new(new() { VolatilityPct = 0, JumpPct = 0 });

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly ConcurrentQueue<(string Pair, decimal Price, DateTimeOffset At)> _answers = new();

    [Fact]
    public async Task Still_market_is_answered_at_each_heartbeat()
    {
        await RunAsync(new() { Heartbeat = TimeSpan.FromSeconds(20) }, Still, TimeSpan.FromSeconds(61), Record);

        double[] seconds = [.. _answers.Where(answer => answer.Pair == "ETH-USD").Select(answer => (answer.At - Noon).TotalSeconds)];
        Assert.Equal([0, 20, 40, 60], seconds);
    }

    [Fact]
    public async Task Moving_market_is_answered_whenever_the_threshold_is_crossed()
    {
        SimulatedMarket market = new(new() { VolatilityPct = 0.05, JumpPct = 0 });
        OracleOptions options = new() { DeviationThreshold = 0.2m, Heartbeat = TimeSpan.FromHours(1) };
        await RunAsync(options, market, TimeSpan.FromMinutes(5), Record);

        var answers = _answers.Where(answer => answer.Pair == "BTC-USD").ToArray();
        Assert.True(answers.Length > 5, $"{answers.Length} answers in five minutes");
        Assert.All(answers.Zip(answers.Skip(1)), two => Assert.True(100 * Math.Abs(two.Second.Price / two.First.Price - 1) >= 0.2m));
        for (DateTimeOffset at = Noon; at < Noon.AddMinutes(5); at += options.Every)
        {
            decimal inForce = answers.Last(answer => answer.At <= at).Price;
            Assert.InRange(100 * Math.Abs(market.Price("BTC-USD", at) - inForce) / inForce, 0, 0.2m);
        }
    }

    [Fact]
    public async Task Failed_submission_is_tried_again_until_it_succeeds()
    {
        int failures = 3;
        await RunAsync(new(), Still, TimeSpan.FromSeconds(15), (pair, price) =>
        {
            if (pair == "ETH-USD" && failures-- > 0)
                throw new IOException("the node is away");
            Record(pair, price);
        });

        Assert.Contains(_answers, answer => answer.Pair == "ETH-USD");
        Assert.Equal(-1, failures);
    }

    private void Record(string pair, decimal price) => _answers.Enqueue((pair, price, _time.GetUtcNow()));

    /// <summary>Lets the oracle run through a span of simulated time, one look at the market after the other.</summary>
    private async Task RunAsync(OracleOptions options, SimulatedMarket market, TimeSpan span, Action<string, decimal> submit)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Oracle oracle = new(options, market, (pair, price, _) => { submit(pair, price); return Task.CompletedTask; }, NullLoggerFactory.Instance, _time);
        Task run = oracle.RunAsync(stop.Token);
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += options.Every)
            _time.Advance(options.Every);
        await stop.CancelAsync();
        await run;
    }
}
