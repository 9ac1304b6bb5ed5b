using Assay.Ethereum;
using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>What a stretch of the chain adds to the topics.</summary>
internal sealed record Changes(IReadOnlyList<ContractPrice> Prices, IReadOnlyList<RejectedLog> Rejected)
{
    public bool IsEmpty => Prices.Count == 0 && Rejected.Count == 0;
}

/// <summary>A log that is no valid answer.</summary>
internal sealed record RejectedLog(LogEntry Log, Rejection Rejection);

/// <summary>
/// One feed's place on its chain: which aggregators speak for it, up to where its logs are in the topic, and which of the newest those are. It compares and
/// says what to write; what was written it takes in afterwards.
/// </summary>
internal sealed class FeedFollower(FeedOptions feed, AnswerReader reader, FeedResolver resolver, LogLedger ledger)
{
    private readonly List<AggregatorPhase> _phases = [];
    // What the topic holds of lower blocks is not known (any more), so nothing can be said of them.
    private long _knownFrom;

    public FeedOptions Feed => feed;

    public FeedResolver Resolver => resolver;

    public LogLedger Ledger => ledger;

    /// <summary>All logs of lower blocks are in the topic.</summary>
    public long Next { get; set; }

    /// <summary>The block at which the proxy's phase was looked at last.</summary>
    public long PhaseSeenAt { get; private set; }

    public int? Phase => _phases[^1].Phase;

    public IEnumerable<string> Aggregators => _phases.Select(phase => phase.Aggregator);

    /// <summary>Begins to follow, or begins anew where an earlier attempt was cut short.</summary>
    /// <param name="fromBlock">The ledger knows all that the topic holds from here on.</param>
    /// <param name="next">The first block that may lack in the topic.</param>
    public void Start(long fromBlock, long next, IReadOnlyList<AggregatorPhase> phases, long head)
    {
        _knownFrom = fromBlock;
        Next = next;
        _phases.Clear();
        _phases.AddRange(phases);
        PhaseSeenAt = head;
    }

    /// <summary>The proxy has not moved up to this block.</summary>
    public void PhaseUnchanged(long head) => PhaseSeenAt = Math.Max(PhaseSeenAt, head);

    /// <summary>The proxy has moved since it was looked at: the blocks in between are read again, for the new aggregator's sake.</summary>
    /// <param name="phases">From <see cref="PhaseSeenAt"/> on; the first is the one that lasted until now.</param>
    public void Move(IReadOnlyList<AggregatorPhase> phases, long head)
    {
        _phases[^1] = _phases[^1] with { LastBlock = phases[0].LastBlock };
        _phases.AddRange(phases.Skip(1));
        Next = Math.Min(Next, PhaseSeenAt);
        PhaseSeenAt = head;
    }

    /// <summary>What the topic lacks of the logs in a range, in the order of the chain.</summary>
    public Changes Compare(LogRange range)
    {
        List<ContractPrice> prices = [];
        List<RejectedLog> rejected = [];
        foreach (LogEntry log in range.Logs.DistinctBy(LogId.Of))
        {
            bool asked = !log.Removed && log.BlockNumber >= Math.Max(range.FromBlock, _knownFrom) && log.BlockNumber <= range.ToBlock;
            if (!asked || ledger.HasOnChain(LogId.Of(log)) || _phases.Find(phase => phase.Holds(log.Address, log.BlockNumber)) is not { } phase)
                continue;
            (ContractPrice? price, Rejection? rejection) = reader.Read(log, phase);
            if (price is not null)
                prices.Add(price);
            else
                rejected.Add(new RejectedLog(log, rejection!));
        }
        return new Changes(prices, rejected);
    }

    /// <summary>The answers of the topic that the chain did not return; whether it took them back must still be found out.</summary>
    /// <param name="toBlock">The range's end; for the newest range <see cref="long.MaxValue"/>, as the chain may have become shorter.</param>
    public IEnumerable<ContractPrice> Missing(LogRange range, long toBlock)
    {
        HashSet<LogId> there = [.. range.Logs.Where(log => !log.Removed).Select(LogId.Of)];
        return ledger.OnChain(range.FromBlock, toBlock).Where(price => !there.Contains(LogId.Of(price)));
    }

    public ContractPrice TakeBack(ContractPrice price) => reader.TakeBack(price);

    /// <summary>The changes are in the topic.</summary>
    public void Written(Changes changes)
    {
        foreach (ContractPrice price in changes.Prices)
            ledger.Add(price);
        foreach (RejectedLog rejected in changes.Rejected)
            ledger.AddRejected(LogId.Of(rejected.Log), rejected.Log.BlockNumber);
    }

    /// <summary>All blocks up to this one have been read; what no reorganisation can reach any more is forgotten.</summary>
    public void Done(long toBlock, long reorganisationDepth)
    {
        Next = Math.Max(Next, toBlock + 1);
        long keep = Math.Min(Next, PhaseSeenAt) - 2 * reorganisationDepth;
        _knownFrom = Math.Max(_knownFrom, keep);
        ledger.Forget(keep);
        _phases.RemoveAll(phase => phase.LastBlock < keep);
    }
}
