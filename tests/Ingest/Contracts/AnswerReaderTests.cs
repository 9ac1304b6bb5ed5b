using System.Globalization;
using System.Numerics;
using Assay.Ethereum;
using Assay.Ingest.Contracts;
using Assay.Ingest.Contracts.Internal;
using Assay.Schemas;

namespace Assay.Ingest.Tests.Contracts;

public sealed class AnswerReaderTests
{
    private static readonly FeedOptions Feed = new()
    {
        Name = "eth-usd",
        Pair = "ETH-USD",
        Chain = "test",
        Proxy = "0x5F4EC3DF9CBD43714FE2740F5E3616155C5B8419",
        Heartbeat = TimeSpan.FromHours(1),
        DeviationThreshold = 0.5m,
    };

    [Theory]
    [InlineData("168312000000", 8, "1683.12")]
    [InlineData("1", 8, "0.00000001")]
    [InlineData("7", 0, "7")]
    [InlineData("1234567890123456789", 18, "1.234567890123456789")]
    [InlineData("12345678901234567895", 19, "1.234567890123456790")]
    [InlineData("12345678901234567885", 19, "1.234567890123456788")]
    [InlineData("99999999999999999999", 0, "99999999999999999999")]
    public void Price_is_the_answer_in_units_of_its_decimals(string answer, int decimals, string price) =>
        Assert.Equal(decimal.Parse(price, CultureInfo.InvariantCulture), AnswerPrice.Of(BigInteger.Parse(answer, CultureInfo.InvariantCulture), decimals));

    [Theory]
    [InlineData("100000000000000000000", 0)]
    [InlineData("1", 30)]
    [InlineData("57896044618658097711785492504343953926634992332820282019728792003956564819967", 8)]
    public void Price_that_the_schema_cannot_hold_is_none(string answer, int decimals) =>
        Assert.Null(AnswerPrice.Of(BigInteger.Parse(answer, CultureInfo.InvariantCulture), decimals));

    /// <summary>More digits than a decimal has are rounded once, from the answer itself.</summary>
    [Fact]
    public void Price_with_more_digits_than_a_decimal_is_rounded_half_even()
    {
        BigInteger answer = BigInteger.Parse("79228162514264337593543950335" + "5", CultureInfo.InvariantCulture);
        Assert.Equal(792281625142.64337593543950336m, AnswerPrice.Of(answer, 18));
    }

    [Fact]
    public void Proxys_round_is_phase_and_aggregators_round()
    {
        (ContractPrice? price, _) = Read(Log(current: 5, round: 3));
        Assert.Equal("110680464442257309699", price!.RoundId);
        Assert.Equal(6, RoundIds.Phase(price.RoundId));
        Assert.Equal(Feed.Proxy!.ToLowerInvariant(), price.Proxy);
    }

    [Fact]
    public void Round_without_a_proxy_is_the_aggregators_own()
    {
        (ContractPrice? price, _) = Read(Log(current: 5, round: 3), phase: null);
        Assert.Equal("3", price!.RoundId);
    }

    public static TheoryData<string, string> Invalid => new()
    {
        { "zero", RejectionReason.BadAnswer },
        { "negative", RejectionReason.BadAnswer },
        { "ahead", RejectionReason.FutureTime },
        { "endless time", RejectionReason.FutureTime },
        { "huge", RejectionReason.BadPrice },
        { "wide round", RejectionReason.Undecodable },
        { "other event", RejectionReason.Undecodable },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Log_that_is_no_valid_answer_is_rejected_with_its_reason(string what, string reason)
    {
        BigInteger now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        LogEntry log = what switch
        {
            "zero" => Log(current: 0, round: 1),
            "negative" => Log(current: -1, round: 1),
            "ahead" => Log(current: 1, round: 1, updatedAt: now + 120),
            "endless time" => Log(current: 1, round: 1, updatedAt: BigInteger.Pow(2, 256) - 1),
            "huge" => Log(current: BigInteger.Pow(2, 200), round: 1),
            "wide round" => Log(current: 1, round: BigInteger.Pow(2, 64)),
            _ => Log(current: 1, round: 1) with { Topics = [] },
        };
        (ContractPrice? price, Rejection? rejection) = Read(log);
        Assert.Null(price);
        Assert.Equal(reason, rejection!.Reason);
    }

    [Fact]
    public void Time_a_little_ahead_of_the_clock_is_accepted() =>
        Assert.NotNull(Read(Log(current: 1, round: 1, updatedAt: TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 50)).Price);

    private static (ContractPrice? Price, Rejection? Rejection) Read(LogEntry log, int? phase = 6) =>
        new AnswerReader(Feed, 1, TimeProvider.System).Read(log, new AggregatorPhase(log.Address, phase, 8, 0, long.MaxValue));

    internal static LogEntry Log(BigInteger current, BigInteger round, BigInteger? updatedAt = null, long block = 7, string hash = "22") => new(
        "0x" + new string('1', 40), [AnswerUpdated.Topic, Word(current), Word(round)], Word(updatedAt ?? 1_692_308_471), block,
        "0x" + string.Concat(Enumerable.Repeat(hash, 32)), "0x" + new string('3', 64), 0, 0, Removed: false, "{}");

    private static string Word(BigInteger value)
    {
        byte[] word = new byte[32];
        AbiData.Write(value, word);
        return Hex.Data(word);
    }
}
