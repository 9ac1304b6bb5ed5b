using Assay.Schemas;
using Assay.Topology.Tests.Harness;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>Semantics: Windows and averages; the record of a window.</summary>
public sealed class WindowTests
{
    [Fact]
    public void Window_holds_quotes_from_its_start_and_not_from_its_end()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(59.999, 1), Quote(60, 100), Quote(119.999, 102), Quote(120, 1)).Until(130);

        Accuracy record = join.Latest(WindowId(120))!;
        Assert.Equal(101, record.Average);
        Assert.Equal(2, record.Sources.Single().Value.Quotes);
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(60)), record.WindowStart);
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(120)), record.WindowEnd);
        Assert.Equal(record.WindowEnd, record.At);
    }

    [Fact]
    public void Window_closes_when_stream_time_reaches_its_end_plus_grace()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(30, 100)).Until(69.999);
        Assert.Empty(join.Emitted);

        join.Until(70);
        Assert.Equal(WindowId(60), join.Emitted.Single().Id);
    }

    [Fact]
    public void Stream_time_moves_with_quotes_of_another_pair_and_with_answers()
    {
        AccuracyOptions options = Options with { Feeds = [.. Options.Feeds, new AccuracyFeed("btc-usd", "BTC-USD", 1, TimeSpan.FromHours(1), 0.5m)] };
        JoinUnderTest join = new JoinUnderTest(options).Take(Answer(0, 100), Quote(30, 100), Quote(90, 100));
        Assert.NotNull(join.Latest(WindowId(60)));

        join.Take(Quote(130, 30_000, pair: "BTC-USD"));
        Assert.NotNull(join.Latest(WindowId(120)));

        join.Take(Quote(150, 100), Answer(190, 100, "2"));
        Assert.NotNull(join.Latest(WindowId(180)));
    }

    [Fact]
    public void Average_is_the_mean_of_the_sources_prices_not_of_the_quotes()
    {
        JoinUnderTest join = new JoinUnderTest()
            .Take(Answer(0, 150), Quote(1, 90), Quote(2, 100), Quote(3, 110), Quote(4, 200, "kraken")).Until(70);

        Accuracy record = join.Latest(WindowId(60))!;
        Assert.Equal(150, record.Average);
        Assert.Equal(["coingecko", "kraken"], record.Sources.Select(source => source.Key));
        Assert.Equal(new SourcePrice(100, 3, null), record.Sources[0].Value);
        Assert.Equal(new SourcePrice(200, 1, null), record.Sources[1].Value);
    }

    [Theory]
    [InlineData(new double[] { 10, 20, 90 }, 20)]
    [InlineData(new double[] { 10, 90 }, 50)]
    public void Average_by_median_is_the_middle_price_or_the_mean_of_the_two(double[] prices, double expected)
    {
        string[] sources = ["kraken", "coingecko", "coinpaprika"];
        JoinUnderTest join = new JoinUnderTest(Options with { Average = AverageMethod.Median }).Take(Answer(0, 50));
        for (int i = 0; i < prices.Length; i++)
            join.Take(Quote(1, (decimal)prices[i], sources[i]));

        Assert.Equal((decimal)expected, join.Until(70).Latest(WindowId(60))!.Average);
    }

    [Fact]
    public void Average_exists_only_with_min_sources()
    {
        JoinUnderTest join = new JoinUnderTest(Options with { MinSources = 2 })
            .Take(Answer(0, 100), Quote(1, 100), Quote(2, 100), Quote(61, 100), Quote(62, 100, "kraken")).Until(200);

        Assert.Null(join.Latest(WindowId(60)));
        Assert.NotNull(join.Latest(WindowId(120)));
    }

    [Fact]
    public void Dispersion_is_the_spread_of_source_prices_in_percent_of_the_average()
    {
        JoinUnderTest join = new JoinUnderTest()
            .Take(Answer(0, 1683.12m), Quote(1, 1680.1m), Quote(2, 1680.9m, "coinpaprika")).Until(70);

        // 100 × 0.8 / 1680.5 = 0.0476048…
        Assert.Equal(0.047605m, join.Latest(WindowId(60))!.DispersionPct);
    }

    [Theory]
    [InlineData(30.0, true)]
    [InlineData(29.999, false)]
    public void Quote_is_fresh_while_it_is_not_older_than_its_sources_max_age(double quotedAt, bool fresh)
    {
        AccuracyOptions options = Options with { Sources = [new AccuracySource("coingecko", TimeSpan.FromSeconds(20)), new AccuracySource("kraken")] };
        JoinUnderTest join = new JoinUnderTest(options)
            .Take(Answer(0, 100), Quote(50, 200, quotedAt: quotedAt), Quote(51, 100, "kraken", quotedAt: -1000)).Until(70);

        Accuracy record = join.Latest(WindowId(60))!;
        Assert.Equal(fresh ? 150 : 100, record.Average);
        Assert.Equal(fresh ? 2 : 1, record.Sources.Count);
    }

    [Fact]
    public void Quote_without_a_time_of_its_source_is_fresh()
    {
        AccuracyOptions options = Options with { Sources = [new AccuracySource("coingecko", TimeSpan.FromSeconds(20))] };
        JoinUnderTest join = new JoinUnderTest(options).Take(Answer(0, 100), Quote(50, 100)).Until(70);

        Assert.NotNull(join.Latest(WindowId(60)));
    }

    [Fact]
    public void Source_age_is_from_its_newest_fresh_quoted_at_to_the_windows_end()
    {
        AccuracyOptions options = Options with { Sources = [new AccuracySource("coingecko", TimeSpan.FromSeconds(40)), new AccuracySource("kraken")] };
        JoinUnderTest join = new JoinUnderTest(options).Take(
            Answer(0, 100), Quote(10, 100, quotedAt: 5), Quote(20, 100, quotedAt: -15), Quote(59, 100, quotedAt: 6), Quote(1, 100, "kraken")).Until(70);

        Accuracy record = join.Latest(WindowId(60))!;
        Assert.Equal(new SourcePrice(100, 2, 55_000), record.Sources[0].Value);
        Assert.Equal(new SourcePrice(100, 1, null), record.Sources[1].Value);
    }

    [Fact]
    public void Window_record_has_the_answer_in_force_at_its_end_not_at_its_closing()
    {
        JoinUnderTest join = new JoinUnderTest()
            .Take(Answer(10, 100), Quote(30, 100), Answer(60, 101, "2"), Answer(60.001, 999, "3")).Until(70);

        Accuracy record = join.Latest(WindowId(60))!;
        Assert.Equal(101, record.ContractPrice);
        Assert.Equal("2", record.RoundId);
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(60)), record.AnswerUpdatedAt);
        Assert.Equal(0, record.AnswerAgeMs);
    }

    [Fact]
    public void Answers_of_one_moment_are_ordered_by_the_number_of_their_round()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(20, 110, "10"), Answer(20, 109, "9")).Until(70);

        Assert.Equal("10", join.Latest(WindowId(60))!.RoundId);
    }

    [Fact]
    public void Window_without_an_answer_in_force_makes_no_record()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(60.001, 100)).Until(71);

        Assert.Null(join.Latest(WindowId(60)));
    }

    [Fact]
    public void Window_without_quotes_makes_no_record()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(30, 100), Quote(190, 100)).Until(250);

        Assert.Equal([WindowId(60), WindowId(240)], join.Emitted.Where(record => record.Trigger == AccuracyTrigger.Window).Select(record => record.Id));
    }

    [Fact]
    public void Every_feed_of_a_pair_has_its_own_record()
    {
        AccuracyOptions options = Options with { Feeds = [.. Options.Feeds, new AccuracyFeed("eth-usd-arbitrum", Pair, 42161, TimeSpan.FromHours(24), 0.05m)] };
        JoinUnderTest join = new JoinUnderTest(options)
            .Take(Answer(0, 100), Answer(5, 101, feed: "eth-usd-arbitrum", chain: 42161), Quote(30, 100)).Until(70);

        Accuracy mainnet = join.Latest(WindowId(60))!;
        Accuracy arbitrum = join.Latest(WindowId(60, "eth-usd-arbitrum"))!;
        Assert.Equal((100m, 1L, AccuracyStatus.Ok), (mainnet.ContractPrice!.Value, mainnet.ChainId, mainnet.Status));
        Assert.Equal((101m, 42161L, AccuracyStatus.Deviating), (arbitrum.ContractPrice!.Value, arbitrum.ChainId, arbitrum.Status));
    }

    [Fact]
    public void A_gap_in_the_input_loses_no_window()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(30, 100), Quote(61, 101), Quote(1_000_000, 102));

        Assert.NotNull(join.Latest(WindowId(60)));
        Assert.NotNull(join.Latest(WindowId(120)));
    }
}
