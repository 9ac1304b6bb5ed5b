namespace Assay.Topology;

/// <summary>How the average of a window's source prices is taken.</summary>
public enum AverageMethod
{
    Mean,
    Median,
}

/// <summary>What the accuracy records depend on besides their inputs (semantics: Windows and averages, Answers, Accuracy).</summary>
public sealed record AccuracyOptions
{
    /// <summary>Size of the tumbling windows, aligned to the epoch.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>A window closes when stream time reaches its end plus this.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);
    public AverageMethod Average { get; init; } = AverageMethod.Mean;
    /// <summary>An average exists when at least so many sources have a price in the window.</summary>
    public int MinSources { get; init; } = 1;
    /// <summary>An answer is compared with the last average that ended at most this long before it; null: five windows.</summary>
    public TimeSpan? MaxAverageAge { get; init; }
    /// <summary>A feed is stale when its answer is older than its heartbeat plus this.</summary>
    public TimeSpan HeartbeatSlack { get; init; } = TimeSpan.FromSeconds(120);
    /// <summary>A feed deviates when it is off by more than its threshold plus this, in percent.</summary>
    public decimal DeviationSlack { get; init; } = 0.25m;
    /// <summary>How long, in event time, an emitted record may still be revised; state is kept that long.</summary>
    public TimeSpan ReviseWithin { get; init; } = TimeSpan.FromHours(24);
    /// <summary>The feeds to judge.</summary>
    public required IReadOnlyList<AccuracyFeed> Feeds { get; init; }
    /// <summary>The sources to average; a quote of any other is rejected.</summary>
    public required IReadOnlyList<AccuracySource> Sources { get; init; }
}

/// <summary>A feed and what its oracle promises.</summary>
/// <param name="Name">E.g. <c>eth-usd</c>.</param>
/// <param name="Pair">E.g. <c>ETH-USD</c>.</param>
/// <param name="ChainId">EIP-155 chain id.</param>
/// <param name="Heartbeat">An answer at least this often.</param>
/// <param name="DeviationThreshold">An answer when the price has moved this far, in percent.</param>
public sealed record AccuracyFeed(string Name, string Pair, long ChainId, TimeSpan Heartbeat, decimal DeviationThreshold);

/// <summary>A source of quotes.</summary>
/// <param name="Name">E.g. <c>coingecko</c>.</param>
/// <param name="MaxAge">A quote older than this on arrival is not averaged; null: any age counts.</param>
public sealed record AccuracySource(string Name, TimeSpan? MaxAge = null);
