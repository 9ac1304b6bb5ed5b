namespace Assay.Topology.Tests.Harness;

/// <summary>Inputs in few words. Times are seconds (with fractions) after an epoch-aligned moment.</summary>
internal static class Given
{
    /// <summary>2023-08-17T21:40:00Z.</summary>
    public const long Start = 1_692_308_400_000;

    public const string Pair = "ETH-USD";
    public const string Feed = "eth-usd";

    public static AccuracyOptions Options { get; } = new()
    {
        Feeds = [new AccuracyFeed(Feed, Pair, 1, TimeSpan.FromHours(1), 0.5m)],
        Sources = [new AccuracySource("coingecko"), new AccuracySource("coinpaprika"), new AccuracySource("kraken")],
    };

    public static long At(double seconds) => Start + (long)Math.Round(seconds * 1000);

    public static Quote Quote(double at, decimal price, string source = "coingecko", double? quotedAt = null, string pair = Pair) =>
        new() { Pair = pair, Source = source, Price = price, QuotedAt = quotedAt is { } quoted ? At(quoted) : null, ObservedAt = At(at) };

    /// <param name="round">Also names the log, unless <paramref name="block"/> does.</param>
    /// <param name="observedAfter">Seconds from updated_at to observed_at.</param>
    public static ContractAnswer Answer(
        double at, decimal price, string round = "1", bool removed = false, string? block = null, double observedAfter = 1, string feed = Feed, string pair = Pair, long chain = 1) =>
        new()
        {
            Pair = pair,
            Feed = feed,
            ChainId = chain,
            RoundId = round,
            Price = price,
            UpdatedAt = At(at),
            BlockNumber = 1000,
            BlockHash = block ?? $"0x{round}",
            LogIndex = 0,
            Removed = removed,
            ObservedAt = At(at + observedAfter),
        };

    public static string WindowId(double end, string feed = Feed) => $"{feed}/window/{At(end)}";

    public static string AnswerId(string round = "1", string feed = Feed) => $"{feed}/answer/{round}";
}
