using Assay.Schemas;

namespace Assay.Topology;

/// <summary>How the average of a window's source prices is taken.</summary>
public enum AverageMethod
{
    Mean,
    Median,
}

/// <summary>How the records stand in their topic.</summary>
public enum AccuracyFormat
{
    /// <summary>A line that people and console consumers read.</summary>
    Json,

    /// <summary>Confluent's wire format, with the schema in the registry.</summary>
    Avro,
}

/// <summary>What the accuracy records depend on besides their inputs (semantics: Windows and averages, Answers, Accuracy).</summary>
public sealed record AccuracyOptions
{
    private const int DefaultMaxAverageAgeWindows = 5;

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
    /// <summary>How the records are written; it says nothing about what they say.</summary>
    public AccuracyFormat Format { get; init; } = AccuracyFormat.Json;
    /// <summary><see cref="MaxAverageAge"/> with its default.</summary>
    public TimeSpan LongestAverageAge => MaxAverageAge ?? DefaultMaxAverageAgeWindows * Window;

    /// <summary>The feeds to judge.</summary>
    public required IReadOnlyList<AccuracyFeed> Feeds { get; init; }
    /// <summary>The sources to average; a quote of any other is rejected.</summary>
    public required IReadOnlyList<AccuracySource> Sources { get; init; }

    /// <summary>In ordinal order: a source's place in it is its number.</summary>
    internal List<string> SourceNames => [.. Sources.Select(source => source.Name).Order(StringComparer.Ordinal)];

    /// <summary>Throws one sentence about the first thing that cannot work.</summary>
    /// <exception cref="UserException">Names the setting and what it must be.</exception>
    public void Check()
    {
        Require(IsWholeMilliseconds(Window) && Window > TimeSpan.Zero, "accuracy.window must be a whole number of milliseconds above zero");
        Require(Grace >= TimeSpan.Zero, "accuracy.grace must not be negative");
        Require(LongestAverageAge >= TimeSpan.Zero, "accuracy.max_average_age must not be negative");
        Require(ReviseWithin >= Window + Grace, "accuracy.revise_within must be at least accuracy.window plus accuracy.grace");
        Require(MinSources >= 1, "accuracy.min_sources must be at least 1");
        Require(MinSources <= Sources.Count, $"accuracy.min_sources is {MinSources}, but only {Sources.Count} sources are configured");
        Require(Feeds.DistinctBy(feed => feed.Name).Count() == Feeds.Count, "two feeds have the same name");
        Require(Sources.DistinctBy(source => source.Name).Count() == Sources.Count, "two sources have the same name");
    }

    private static bool IsWholeMilliseconds(TimeSpan span) => span.Ticks % TimeSpan.TicksPerMillisecond == 0;

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new UserException($"The accuracy settings cannot work: {otherwise}.");
    }
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
