using System.Globalization;
using Assay.Schemas;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Internal.Rules;

/// <summary>What the topology does not take (semantics: Validation). The hot path asks <c>IsGood</c>; only a refused input is explained.</summary>
internal sealed class InputCheck(Func<long> now)
{
    private const long LeadMs = 60_000;

    /// <summary>The last moment that can be printed.</summary>
    private const long LatestMs = 253_402_300_799_999;

    /// <summary>Digits of the largest uint256.</summary>
    private const int LongestRoundId = 78;

    /// <summary>Milliseconds: what lies before it was not ahead of the clock when that was last read, nor is it now.</summary>
    private long _latest = -1;

    public bool IsGood(Quote quote) =>
        PriceUnits.IsPrice(quote.Price) && IsTime(quote.ObservedAt) && IsTime(quote.QuotedAt ?? 0);

    public bool IsGood(ContractAnswer answer) =>
        PriceUnits.IsPrice(answer.Price) && IsTime(answer.UpdatedAt) && IsRound(answer.RoundId);

    public Rejection Explain(Quote quote, bool pairKnown, bool sourceKnown) =>
        !pairKnown ? UnknownPair(quote.Pair)
        : !sourceKnown ? new Rejection(RejectionReason.UnknownSource, $"No source of the configuration is called \"{quote.Source}\".")
        : !PriceUnits.IsPrice(quote.Price) ? BadPrice(RejectionReason.BadPrice, quote.Price)
        : !IsTime(quote.ObservedAt) ? BadTime("observed_at", quote.ObservedAt)
        : BadTime("quoted_at", quote.QuotedAt!.Value);

    public static Rejection Explain(ContractAnswer answer, bool pairKnown, FeedState? feed) =>
        !pairKnown ? UnknownPair(answer.Pair)
        : feed is null ? new Rejection(RejectionReason.UnknownFeed, $"No feed of the configuration is called \"{answer.Feed}\".")
        : feed.Pair.Name != answer.Pair || feed.ChainId != answer.ChainId
            ? new Rejection(RejectionReason.UnknownFeed,
                $"The feed {feed.Name} is configured as {feed.Pair.Name} on chain {feed.ChainId}, but the answer says {answer.Pair} on chain {answer.ChainId}.")
        : !PriceUnits.IsPrice(answer.Price) ? BadPrice(answer.Price <= 0 ? RejectionReason.BadAnswer : RejectionReason.BadPrice, answer.Price)
        : !IsRound(answer.RoundId) ? new Rejection(RejectionReason.BadAnswer, $"The round_id \"{answer.RoundId}\" is not a plain decimal number.")
        : BadTime("updated_at", answer.UpdatedAt);

    private bool IsTime(long milliseconds)
    {
        if (milliseconds <= _latest)
            return milliseconds >= 0;
        _latest = Math.Max(_latest, now() + LeadMs);
        return milliseconds <= _latest;
    }

    private static bool IsRound(string id) =>
        id.Length is > 0 and <= LongestRoundId && !id.AsSpan().ContainsAnyExceptInRange('0', '9') && (id[0] != '0' || id.Length == 1);

    private static Rejection UnknownPair(string pair) => new(RejectionReason.UnknownPair, $"No feed of the configuration has the pair \"{pair}\".");

    private static Rejection BadPrice(string reason, decimal price) =>
        new(reason, $"The price {price.ToString(CultureInfo.InvariantCulture)} is not a positive number below 10^20 with at most 18 decimals.");

    private static Rejection BadTime(string field, long milliseconds) => milliseconds switch
    {
        < 0 => new Rejection(RejectionReason.Undecodable, $"{field} {milliseconds} ms lies before 1970."),
        > LatestMs => new Rejection(RejectionReason.FutureTime, $"{field} {milliseconds} ms lies after the year 9999."),
        _ => new Rejection(RejectionReason.FutureTime,
            $"{field} {DateTimeOffset.FromUnixTimeMilliseconds(milliseconds):yyyy-MM-dd'T'HH:mm:ss.fff'Z'} is more than 60 s ahead of the clock."),
    };
}
