namespace Assay.Topology.Internal.State;

/// <summary>One log, on the chain or taken back. A log that was taken back keeps its place, so that a copy of it that arrives late does not revive it.</summary>
internal sealed class Answer(Round round, long updatedAt, decimal price, long blockNumber, BlockHash blockHash, int logIndex, long observedAt, bool removed)
    : IMoment, IComparable<Answer>
{
    public Round Round { get; } = round;
    public long UpdatedAt { get; } = updatedAt;

    /// <summary>Without trailing zeros.</summary>
    public decimal Price { get; } = price;
    public long BlockNumber { get; } = blockNumber;
    public BlockHash BlockHash { get; } = blockHash;
    public int LogIndex { get; } = logIndex;

    /// <summary>Of the message that counts: the latest, of two equally late ones the removal.</summary>
    public long ObservedAt { get; private set; } = observedAt;
    public bool Removed { get; private set; } = removed;

    long IMoment.Time => UpdatedAt;

    /// <summary>Takes in another message about this log, in whatever order they arrive; false where nothing about the answer changes.</summary>
    public bool Hear(long observedAt, bool removed, out bool newer)
    {
        newer = observedAt > ObservedAt || (observedAt == ObservedAt && removed && !Removed);
        if (!newer)
            return false;
        bool changed = removed != Removed;
        ObservedAt = observedAt;
        Removed = removed;
        return changed;
    }

    /// <summary>By updated_at, then the round's number; what follows only decides between copies of one round on both sides of a reorganisation.</summary>
    public int CompareTo(Answer? other)
    {
        int order = UpdatedAt.CompareTo(other!.UpdatedAt);
        if (order == 0)
            order = Round.CompareTo(other.Round);
        if (order == 0)
            order = BlockNumber.CompareTo(other.BlockNumber);
        if (order == 0)
            order = LogIndex.CompareTo(other.LogIndex);
        return order != 0 ? order : BlockHash.CompareTo(other.BlockHash);
    }
}

/// <summary>One round of a feed: its logs (several only around a reorganisation) and what was last emitted for it.</summary>
internal sealed class Round(string id) : StateEntry, IComparable<Round>
{
    /// <summary>Set as soon as the round stands among its feed's rounds.</summary>
    public FeedState Feed { get; set; } = null!;

    /// <summary>Decimal without leading zeros.</summary>
    public string Id { get; } = id;

    public override StateKey Key => new(Feed.Name, 0, Id);

    /// <summary>Exactly as long as it need be: there are many rounds, and nearly each has one.</summary>
    public Answer[] Logs { get; private set; } = [];

    /// <summary>The last emission, and the <c>at</c> it had.</summary>
    public Emission Emission;
    public long EmittedAt { get; set; }

    /// <summary>The log on the chain that speaks for the round; null where all were taken back.</summary>
    public Answer? Current
    {
        get
        {
            Answer? current = null;
            foreach (Answer log in Logs)
            {
                if (!log.Removed && (current is null || log.CompareTo(current) > 0))
                    current = log;
            }
            return current;
        }
    }

    public void Add(Answer log) => Logs = [.. Logs, log];

    public void Remove(Answer log) => Logs = [.. Logs.Where(other => other != log)];

    public Answer? Find(BlockHash blockHash, int logIndex)
    {
        foreach (Answer log in Logs)
        {
            if (log.LogIndex == logIndex && log.BlockHash == blockHash)
                return log;
        }
        return null;
    }

    /// <summary>As numbers: of two numbers without leading zeros the longer is the greater.</summary>
    public int CompareTo(Round? other)
    {
        int order = Id.Length.CompareTo(other!.Id.Length);
        return order != 0 ? order : string.CompareOrdinal(Id, other.Id);
    }
}
