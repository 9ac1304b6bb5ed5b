using System.Globalization;
using System.Numerics;
using Assay.Ethereum;
using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>Why a log is no valid answer (semantics: Validation).</summary>
/// <param name="Reason">One of <see cref="RejectionReason"/>.</param>
/// <param name="Detail">One sentence.</param>
internal sealed record Rejection(string Reason, string Detail);

/// <summary>Makes <see cref="ContractPrice"/> records of a feed's logs.</summary>
internal sealed class AnswerReader(FeedOptions feed, long chainId, TimeProvider time)
{
    private static readonly TimeSpan AheadAllowed = TimeSpan.FromSeconds(60);
    private static readonly BigInteger LatestTime = new(DateTimeOffset.MaxValue.ToUnixTimeSeconds());

    /// <summary>Exactly one of the results is null.</summary>
    public (ContractPrice? Price, Rejection? Rejection) Read(LogEntry log, AggregatorPhase phase)
    {
        AnswerUpdated answer;
        try
        {
            answer = AnswerUpdated.Decode(log);
        }
        catch (EthereumException cause)
        {
            return (null, new Rejection(RejectionReason.Undecodable, cause.Message));
        }
        if (phase.Phase is not null && !RoundIds.FitsProxy(answer.RoundId))
            return (null, new Rejection(RejectionReason.Undecodable, $"The aggregator's round {answer.RoundId} has more than 64 bits, which no proxy can pass on."));
        if (answer.Current.Sign <= 0)
            return (null, new Rejection(RejectionReason.BadAnswer, $"The answer {answer.Current} is not positive."));
        DateTimeOffset now = time.GetUtcNow();
        if (answer.UpdatedAt > LatestTime || DateTimeOffset.FromUnixTimeSeconds((long)answer.UpdatedAt) > now + AheadAllowed)
            return (null, new Rejection(RejectionReason.FutureTime, $"Its time {answer.UpdatedAt} is more than {AheadAllowed.TotalSeconds:0} s ahead of the clock ({now.ToUnixTimeSeconds()})."));
        if (AnswerPrice.Of(answer.Current, phase.Decimals) is not { } price)
            return (null, new Rejection(RejectionReason.BadPrice, $"The answer {answer.Current} with {phase.Decimals} decimals is no price that can be stored."));
        return (new ContractPrice
        {
            Pair = feed.Pair,
            Feed = feed.Name,
            ChainId = chainId,
            Proxy = feed.Proxy?.ToLowerInvariant(),
            Aggregator = log.Address,
            RoundId = RoundIds.Text(phase.Phase, answer.RoundId),
            Answer = answer.Current.ToString(CultureInfo.InvariantCulture),
            Decimals = phase.Decimals,
            Price = price,
            UpdatedAt = DateTimeOffset.FromUnixTimeSeconds((long)answer.UpdatedAt).UtcDateTime,
            BlockNumber = log.BlockNumber,
            BlockHash = log.BlockHash,
            TransactionHash = log.TransactionHash,
            TransactionIndex = log.TransactionIndex,
            LogIndex = log.LogIndex,
            ObservedAt = Clock.Milliseconds(now),
        }, null);
    }

    /// <summary>The record that takes an answer back.</summary>
    public ContractPrice TakeBack(ContractPrice price) => price with { Removed = true, ObservedAt = Clock.Milliseconds(time.GetUtcNow()) };
}
