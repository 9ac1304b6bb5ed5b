using System.Buffers;
using System.Text;
using Assay.Schemas;
using Assay.Topology.Tests.Harness;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>Semantics: Accuracy; the record of an answer, deviation and status.</summary>
public sealed class AnswerTests
{
    [Fact]
    public void Answer_is_compared_with_the_last_closed_window_as_soon_as_it_is_processed()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Quote(90, 102), Answer(130, 103));

        Accuracy record = join.Emitted.Single();
        Assert.Equal((AnswerId(), AccuracyTrigger.Answer, 0), (record.Id, record.Trigger, record.Revision));
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(130)), record.At);
        Assert.Equal(102, record.Average);
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(120)), record.WindowEnd);
        Assert.Equal(103, record.ContractPrice);
        Assert.Equal(0, record.AnswerAgeMs);
        Assert.Equal(0.980392m, record.DeviationPct); // 100 / 102
    }

    [Fact]
    public void Answer_processed_before_its_window_closes_is_revised_at_the_closing()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Quote(90, 102), Answer(121, 103));
        Assert.Equal(100, join.Latest(AnswerId())!.Average);

        join.Until(130);
        Assert.Equal((102m, 1), (join.Latest(AnswerId())!.Average!.Value, join.Latest(AnswerId())!.Revision));
    }

    [Fact]
    public void Window_that_ends_at_the_answers_moment_serves_it()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(60, 100)).Until(70);

        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(60)), join.Latest(AnswerId())!.WindowEnd);
    }

    [Fact]
    public void Answer_without_an_average_waits_for_one()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(61, 100));
        Assert.Empty(join.Emitted);

        join.Until(70);
        Assert.Equal(0, join.Latest(AnswerId())!.Revision);
    }

    [Fact]
    public void Answer_before_the_first_average_has_no_record()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(59.999, 100), Quote(30, 100)).Until(1000);

        Assert.Null(join.Latest(AnswerId()));
    }

    [Theory]
    [InlineData(360.0, true)]
    [InlineData(360.001, false)]
    public void Answer_is_served_by_a_window_of_at_most_max_average_age(double at, bool served)
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(at, 100)).Until(1000);

        Assert.Equal(served, join.Latest(AnswerId()) is not null);
    }

    [Fact]
    public void Max_average_age_can_be_set()
    {
        JoinUnderTest join = new JoinUnderTest(Options with { MaxAverageAge = TimeSpan.Zero })
            .Take(Quote(30, 100), Answer(60, 100), Answer(61, 100, "2")).Until(1000);

        Assert.NotNull(join.Latest(AnswerId()));
        Assert.Null(join.Latest(AnswerId("2")));
    }

    [Fact]
    public void Window_with_too_few_sources_is_passed_over()
    {
        JoinUnderTest join = new JoinUnderTest(Options with { MinSources = 2 })
            .Take(Quote(30, 100), Quote(31, 100, "kraken"), Quote(90, 500), Answer(125, 100)).Until(1000);

        Assert.Equal((DateTime.UnixEpoch.AddMilliseconds(At(60)), 0), (join.Latest(AnswerId())!.WindowEnd!.Value, join.Latest(AnswerId())!.Revision));
    }

    [Theory]
    [InlineData(100.50, 0.5)]
    [InlineData(99.5, -0.5)]
    [InlineData(100.0000005, 0.0)] // half to the even neighbour, 0.0000005 → 0.000000
    [InlineData(100.0000015, 0.000002)]
    [InlineData(99.9999985, -0.000002)]
    public void Deviation_is_signed_and_rounded_half_even_to_six_decimals(double price, double expected)
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(60, (decimal)price)).Until(70);

        Assert.Equal((decimal)expected, join.Latest(AnswerId())!.DeviationPct);
    }

    [Theory]
    [InlineData(100.75, AccuracyStatus.Ok)] // threshold 0.5 and slack 0.25
    [InlineData(100.750001, AccuracyStatus.Deviating)]
    [InlineData(99.25, AccuracyStatus.Ok)]
    [InlineData(99.249999, AccuracyStatus.Deviating)]
    public void Status_is_deviating_beyond_threshold_and_slack(double price, AccuracyStatus expected)
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(60, (decimal)price)).Until(70);

        Assert.Equal(expected, join.Latest(AnswerId())!.Status);
        Assert.Equal(expected, join.Latest(WindowId(60))!.Status);
    }

    [Theory]
    [InlineData(0, AccuracyStatus.Ok)] // 3600 s heartbeat and 120 s slack before 3720
    [InlineData(-0.001, AccuracyStatus.Stale)]
    public void Status_is_stale_beyond_heartbeat_and_slack(double updatedAt, AccuracyStatus expected)
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(updatedAt, 100), Quote(3700, 100)).Until(3730);

        Assert.Equal(expected, join.Latest(WindowId(3720))!.Status);
    }

    [Fact]
    public void Stale_goes_before_deviating()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(-60, 100), Quote(3700, 200)).Until(3730);

        Accuracy record = join.Latest(WindowId(3720))!;
        Assert.Equal((AccuracyStatus.Stale, -50m), (record.Status, record.DeviationPct!.Value));
    }

    [Fact]
    public void Absurd_prices_give_the_largest_deviation_a_decimal_holds()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 0.000000000000000001m), Answer(60, 90_000_000_000_000_000_000m)).Until(70);

        Accuracy record = join.Latest(AnswerId())!;
        Assert.Equal(AccuracyStatus.Deviating, record.Status);
        Assert.Equal(79228162514264337593543.950335m, record.DeviationPct);
    }

    [Fact]
    public void Example_of_the_contract_comes_out_as_printed()
    {
        JoinUnderTest join = new JoinUnderTest().Take(
            Answer(71, 1683.12m, "110680464442257314301"), Quote(241, 1680.1m, quotedAt: 239), Quote(242, 1680.9m, "coinpaprika")).Until(310);

        ArrayBufferWriter<byte> json = new();
        AccuracyJson.Write(join.Latest(WindowId(300))!, json);
        Assert.Equal(
            """
            {"id":"eth-usd/window/1692308700000","pair":"ETH-USD","feed":"eth-usd","chain_id":1,"trigger":"window","at":"2023-08-17T21:45:00.000Z","revision":0,"status":"ok","contract_price":1683.12,"round_id":"110680464442257314301","answer_updated_at":"2023-08-17T21:41:11.000Z","answer_age_ms":229000,"average":1680.5,"window_start":"2023-08-17T21:44:00.000Z","window_end":"2023-08-17T21:45:00.000Z","sources":{"coingecko":{"price":1680.1,"quotes":1,"age_ms":61000},"coinpaprika":{"price":1680.9,"quotes":1,"age_ms":null}},"dispersion_pct":0.047605,"deviation_pct":0.155906}
            """,
            Encoding.UTF8.GetString(json.WrittenSpan));
    }
}
