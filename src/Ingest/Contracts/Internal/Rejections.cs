using System.Text;
using Assay.Ethereum;
using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>Rejected logs as dead letters: the log's JSON as the node sent it; the origin names chain, feed and place.</summary>
internal static class Rejections
{
    public const string Stage = "contracts";

    public static DeadLetter Letter(ChainOptions chain, FeedOptions feed, LogEntry log, Rejection rejection, DateTime now) => new(
        Encoding.UTF8.GetBytes(feed.Pair), Encoding.UTF8.GetBytes(log.Json), Stage, rejection.Reason, rejection.Detail,
        $"{Prefix(chain)}{feed.Name} block {log.BlockNumber} log {log.LogIndex}", now);

    /// <summary>The feed of a letter of this chain; null for any other letter.</summary>
    public static string? Feed(DeadLetter letter, ChainOptions chain) =>
        letter.Origin.StartsWith(Prefix(chain), StringComparison.Ordinal) ? letter.Origin[Prefix(chain).Length..].Split(' ')[0] : null;

    private static string Prefix(ChainOptions chain) => $"chain {chain.ChainId} feed ";
}
