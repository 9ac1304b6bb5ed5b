using Assay.Schemas;
using Assay.Topology.Internal.Rules;
using Assay.Topology.Tests.Harness;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>Semantics: Validation; what the topology refuses.</summary>
public sealed class RejectionTests
{
    private static Rejection? Refuse(object input, Func<long>? now = null)
    {
        JoinUnderTest join = new(now: now);
        Rejection? rejection = input is Quote quote ? join.Join.Add(quote) : join.Join.Add((ContractAnswer)input);
        // Nothing of a refused input stays: not even stream time has moved.
        Assert.Equal(rejection is null, join.StateEntries > 0);
        return rejection;
    }

    [Fact]
    public void Quote_of_an_unknown_pair_is_refused() => Assert.Equal(RejectionReason.UnknownPair, Refuse(Quote(0, 1, pair: "DOGE-USD"))?.Reason);

    [Fact]
    public void Quote_of_an_unknown_source_is_refused() => Assert.Equal(RejectionReason.UnknownSource, Refuse(Quote(0, 1, "bitstamp"))?.Reason);

    [Fact]
    public void Answer_of_an_unknown_pair_is_refused() => Assert.Equal(RejectionReason.UnknownPair, Refuse(Answer(0, 1, pair: "DOGE-USD"))?.Reason);

    [Fact]
    public void Answer_of_an_unknown_feed_is_refused() => Assert.Equal(RejectionReason.UnknownFeed, Refuse(Answer(0, 1, feed: "eth-usd-base"))?.Reason);

    [Fact]
    public void Answer_of_a_feed_on_another_chain_is_refused() => Assert.Equal(RejectionReason.UnknownFeed, Refuse(Answer(0, 1, chain: 10))?.Reason);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("100000000000000000000")]
    [InlineData("0.0000000000000000001")]
    public void Price_that_is_not_positive_or_not_held_by_the_wire_is_refused(string price)
    {
        decimal value = decimal.Parse(price, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(RejectionReason.BadPrice, Refuse(Quote(0, value))?.Reason);
        Assert.Equal(value <= 0 ? RejectionReason.BadAnswer : RejectionReason.BadPrice, Refuse(Answer(0, value))?.Reason);
    }

    [Fact]
    public void Price_with_trailing_zeros_beyond_the_wires_scale_is_taken() => Assert.Null(Refuse(Quote(0, 1.50000000000000000000m)));

    [Theory]
    [InlineData(60.0, false)]
    [InlineData(60.001, true)]
    public void Time_more_than_a_minute_ahead_of_the_clock_is_refused(double at, bool refused)
    {
        string? expected = refused ? RejectionReason.FutureTime : null;

        Assert.Equal(expected, Refuse(Quote(at, 1), () => Start)?.Reason);
        Assert.Equal(expected, Refuse(Quote(0, 1, quotedAt: at), () => Start)?.Reason);
        Assert.Equal(expected, Refuse(Answer(at, 1), () => Start)?.Reason);
    }

    [Theory]
    [InlineData(-1, RejectionReason.Undecodable)]
    [InlineData(long.MinValue, RejectionReason.Undecodable)]
    [InlineData(long.MaxValue, RejectionReason.FutureTime)]
    public void Time_that_no_clock_shows_is_refused(long milliseconds, string reason)
    {
        Assert.Equal(reason, Refuse(Quote(0, 1) with { ObservedAt = milliseconds })?.Reason);
        Assert.Equal(reason, Refuse(Quote(0, 1) with { QuotedAt = milliseconds })?.Reason);
        Assert.Equal(reason, Refuse(Answer(0, 1) with { UpdatedAt = milliseconds })?.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x10")]
    [InlineData("-1")]
    [InlineData("007")]
    public void Round_that_is_not_a_plain_number_is_refused(string round) => Assert.Equal(RejectionReason.BadAnswer, Refuse(Answer(0, 1, round))?.Reason);

    [Fact]
    public void Detail_names_what_was_wrong()
    {
        Assert.Equal("No source of the configuration is called \"bitstamp\".", Refuse(Quote(0, 1, "bitstamp"))!.Detail);
        Assert.Equal("The feed eth-usd is configured as ETH-USD on chain 1, but the answer says ETH-USD on chain 10.", Refuse(Answer(0, 1, chain: 10))!.Detail);
        Assert.Equal("updated_at 2023-08-17T21:41:01.000Z is more than 60 s ahead of the clock.", Refuse(Answer(61, 1), () => Start)!.Detail);
    }
}
