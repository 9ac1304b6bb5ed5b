using Assay.Ingest.Apis;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Assay.Topology;

namespace Assay.Cli.Configuration;

/// <summary>Everything that <c>assay.json</c>, the environment and the flags say, checked: what every role's options come from.</summary>
public sealed record AssayConfiguration
{
    public required KafkaConnection Kafka { get; init; }
    public TopicLayout Topics { get; init; } = new();
    public IReadOnlyList<ChainOptions> Chains { get; init; } = [];
    public IReadOnlyList<FeedOptions> Feeds { get; init; } = [];
    public IReadOnlyList<SourceOptions> Sources { get; init; } = [];
    /// <summary>How accuracy is judged; its feeds and sources are empty here, <see cref="Judged"/> has them.</summary>
    public AccuracyOptions Accuracy { get; init; } = new() { Feeds = [], Sources = [] };
    public DatabaseConnection Database { get; init; } = new();

    /// <summary><see cref="Accuracy"/> with the configured feeds and sources: the topology's options.</summary>
    /// <exception cref="UserException">A feed names a chain that is not configured.</exception>
    public AccuracyOptions Judged() => Accuracy with
    {
        Feeds = [.. Feeds.Select(feed => new AccuracyFeed(feed.Name, feed.Pair, ChainOf(feed).ChainId, feed.Heartbeat, feed.DeviationThreshold))],
        Sources = [.. Sources.Select(source => new AccuracySource(source.Name, source.MaxAge))],
    };

    private ChainOptions ChainOf(FeedOptions feed) =>
        Chains.FirstOrDefault(chain => chain.Name == feed.Chain)
        ?? throw new UserException($"The feed '{feed.Name}' names the chain '{feed.Chain}', which is not configured.");
}
