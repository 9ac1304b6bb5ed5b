namespace Assay.Topology.Internal.State;

/// <summary>One pair: its feeds, and the windows that records may still depend on.</summary>
/// <param name="index">Orders windows that close at one moment.</param>
internal sealed class PairState(string name, int index)
{
    public string Name { get; } = name;
    public int Index { get; } = index;
    public List<FeedState> Feeds { get; } = [];
    public Timeline<Window> Windows { get; } = new();

    /// <summary>The window that the last quote fell into: nearly always that of the next one too.</summary>
    public Window? Latest { get; set; }
}

/// <summary>One feed: its rounds, and their logs in the order in which they are in force.</summary>
internal sealed class FeedState(AccuracyFeed feed, PairState pair, TimeSpan heartbeatSlack, decimal deviationSlack)
{
    public string Name { get; } = feed.Name;
    public long ChainId { get; } = feed.ChainId;
    public PairState Pair { get; } = pair;

    /// <summary>An answer older than this, in milliseconds, is stale.</summary>
    public long OldestMs { get; } = (long)(feed.Heartbeat + heartbeatSlack).TotalMilliseconds;

    /// <summary>A deviation beyond this, in percent, is worth telling.</summary>
    public decimal LargestDeviation { get; } = feed.DeviationThreshold + deviationSlack;

    public Dictionary<string, Round> Rounds { get; } = [];

    /// <summary>All logs, also those taken back.</summary>
    public Timeline<Answer> Answers { get; } = new();

    /// <summary>The last answer with <c>updated_at ≤ time</c>; null where there is none.</summary>
    public Answer? InForceAt(long time)
    {
        int index = Answers.LastAtOrBefore(time);
        while (index >= 0 && Answers[index].Removed)
            index--;
        return index < 0 ? null : Answers[index];
    }

    /// <summary>When the answer after this one comes into force; <see cref="long.MaxValue"/> where there is none.</summary>
    public long SupersededAt(Answer answer)
    {
        int index = Answers.IndexOf(answer) + 1;
        while (index < Answers.Count && Answers[index].Removed)
            index++;
        return index < Answers.Count ? Answers[index].UpdatedAt : long.MaxValue;
    }
}
