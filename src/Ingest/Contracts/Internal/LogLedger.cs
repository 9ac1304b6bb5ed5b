using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>
/// What the topics hold of one feed's newest logs. A log is on the chain or taken back, as its last record says; one that comes, goes with a reorganisation and comes
/// again is a record each time, and no record is ever written twice in a row.
/// </summary>
internal sealed class LogLedger
{
    private readonly Dictionary<LogId, Entry> _logs = [];

    // Price is null for a log that was rejected: it is done with, whatever becomes of its block.
    private readonly record struct Entry(ContractPrice? Price, long Block, bool OnChain);

    /// <summary>The highest block of any record; null where there is none.</summary>
    public long? LastBlock { get; private set; }

    /// <summary>The phase of the newest record of a proxied feed.</summary>
    public int? LastPhase { get; private set; }

    /// <summary>Whether nothing has to be written for a log that is on the chain.</summary>
    public bool HasOnChain(LogId id) => _logs.TryGetValue(id, out Entry entry) && entry.OnChain;

    /// <summary>The answers that the topic believes to be on the chain in a stretch of blocks, both ends included.</summary>
    public IEnumerable<ContractPrice> OnChain(long fromBlock, long toBlock) =>
        _logs.Values.Where(entry => entry.OnChain && entry.Price is not null && entry.Block >= fromBlock && entry.Block <= toBlock).Select(entry => entry.Price!);

    /// <summary>Takes in a record of <c>contracts</c>, in the topic's order.</summary>
    public void Add(ContractPrice price)
    {
        _logs[LogId.Of(price)] = new Entry(price, price.BlockNumber, !price.Removed);
        if (LastBlock is null || price.BlockNumber >= LastBlock)
        {
            LastBlock = price.BlockNumber;
            LastPhase = price.Proxy is null ? null : RoundIds.Phase(price.RoundId);
        }
    }

    /// <summary>Takes in a log that went to <c>dead-letters</c>.</summary>
    public void AddRejected(LogId id, long block) => _logs[id] = new Entry(null, block, true);

    /// <summary>Forgets what is older than a reorganisation can reach.</summary>
    public void Forget(long belowBlock)
    {
        foreach (LogId id in _logs.Where(log => log.Value.Block < belowBlock).Select(log => log.Key).ToList())
            _logs.Remove(id);
    }
}
