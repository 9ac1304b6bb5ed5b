using Confluent.Kafka;

namespace Assay.Topology.Bench;

/// <summary>What stands in the two topics: pairs <c>P0-USD</c>… with feeds <c>p0-usd</c>…, quoted by three sources.</summary>
internal sealed record Workload(string Bootstrap, string Apis, string Contracts, int Quotes, int Answers, int Pairs, int Threads)
{
    public static readonly string[] Sources = ["coingecko", "coinpaprika", "kraken"];

    public ClientConfig Client => new() { BootstrapServers = Bootstrap };

    public AccuracyOptions Judged => Judging(Pairs);

    public static AccuracyOptions Judging(int pairs) => new()
    {
        Feeds = [.. Enumerable.Range(0, pairs).Select(pair => new AccuracyFeed(Feed(pair), Pair(pair), 1, TimeSpan.FromHours(1), 0.5m))],
        Sources = [.. Sources.Select(source => new AccuracySource(source))],
    };

    public static string Pair(int number) => $"P{number}-USD";

    public static string Feed(int number) => $"p{number}-usd";
}
