using System.Numerics;
using Assay.Schemas;

namespace Assay.Topology.Tests.Harness;

/// <summary>What the accuracy table must hold, read off the complete input sentence by sentence (semantics), with no thought of speed.</summary>
internal static class NaiveModel
{
    /// <summary>One row; the decimals that may repeat for ever as fractions.</summary>
    public sealed record Row(
        string Id, string Pair, string Feed, long ChainId, AccuracyTrigger Trigger, long At, AccuracyStatus Status, decimal Price, string Round, long UpdatedAt, long WindowEnd,
        BigInteger AverageUnits, BigInteger AverageDivisor, string Sources, decimal Dispersion, decimal Deviation);

    private sealed record Average(long End, BigInteger Units, BigInteger Divisor, string Sources, decimal Dispersion);

    private static readonly BigInteger Unit = BigInteger.Pow(10, 18);

    public static Dictionary<string, Row> Compute(AccuracyOptions options, IReadOnlyCollection<Quote> quotes, IReadOnlyCollection<ContractAnswer> messages)
    {
        Dictionary<string, Row> rows = [];
        foreach (string pair in options.Feeds.Select(feed => feed.Pair).Distinct())
        {
            List<Average> averages = [.. Averages(options, quotes.Where(quote => quote.Pair == pair))];
            foreach (AccuracyFeed feed in options.Feeds.Where(feed => feed.Pair == pair))
            {
                List<ContractAnswer> answers = [.. OnChain(messages.Where(message => message.Feed == feed.Name))
                    .OrderBy(answer => answer.UpdatedAt).ThenBy(answer => BigInteger.Parse(answer.RoundId, null)).ThenBy(answer => answer.BlockNumber)
                    .ThenBy(answer => answer.LogIndex).ThenBy(answer => answer.BlockHash, StringComparer.Ordinal)];
                foreach (Average average in averages)
                {
                    if (answers.Any(answer => answer.UpdatedAt <= average.End))
                    {
                        Row row = Judge(options, feed, AccuracyTrigger.Window, average.End, answers.Last(answer => answer.UpdatedAt <= average.End), average);
                        rows.Add(row.Id, row);
                    }
                }
                foreach (ContractAnswer answer in answers)
                {
                    Average? average = averages.LastOrDefault(average => average.End <= answer.UpdatedAt);
                    rows.Remove($"{feed.Name}/answer/{answer.RoundId}");
                    if (average is not null && answer.UpdatedAt - average.End <= (options.MaxAverageAge ?? 5 * options.Window).TotalMilliseconds)
                    {
                        Row row = Judge(options, feed, AccuracyTrigger.Answer, answer.UpdatedAt, answer, average);
                        rows.Add(row.Id, row);
                    }
                }
            }
        }
        return rows;
    }

    private static IEnumerable<ContractAnswer> OnChain(IEnumerable<ContractAnswer> messages) => messages
        .GroupBy(message => (message.ChainId, message.BlockHash, message.LogIndex))
        .Select(log => log.OrderBy(message => message.ObservedAt).ThenBy(message => message.Removed).Last())
        .Where(message => !message.Removed);

    private static IEnumerable<Average> Averages(AccuracyOptions options, IEnumerable<Quote> quotes)
    {
        long size = (long)options.Window.TotalMilliseconds;
        foreach (IGrouping<long, Quote> window in quotes.Where(quote => IsFresh(options, quote)).GroupBy(quote => quote.ObservedAt / size * size).OrderBy(window => window.Key))
        {
            long end = window.Key + size;
            List<(BigInteger Units, int Count, string Text)> sources = [.. window.GroupBy(quote => quote.Source).OrderBy(source => source.Key, StringComparer.Ordinal)
                .Select(source => (
                    source.Aggregate(BigInteger.Zero, (sum, quote) => sum + Units(quote.Price)),
                    source.Count(),
                    $"{source.Key}:{source.Count()}:{(source.Any(quote => quote.QuotedAt is not null) ? end - source.Max(quote => quote.QuotedAt) : null)}"))];
            if (sources.Count < options.MinSources)
                continue;
            BigInteger common = sources.Aggregate(BigInteger.One, (product, source) => product * source.Count);
            List<BigInteger> prices = [.. sources.Select(source => source.Units * common / source.Count).Order()];
            List<BigInteger> averaged = options.Average == AverageMethod.Mean ? prices : prices[((prices.Count - 1) / 2)..(prices.Count / 2 + 1)];
            BigInteger sum = averaged.Aggregate((a, b) => a + b);
            yield return new Average(end, sum, common * averaged.Count, string.Join(' ', sources.Select(source => source.Text)),
                Percent((prices[^1] - prices[0]) * averaged.Count, sum));
        }
    }

    private static bool IsFresh(AccuracyOptions options, Quote quote) =>
        options.Sources.Single(source => source.Name == quote.Source).MaxAge is not { } age || quote.QuotedAt is null || quote.ObservedAt - quote.QuotedAt <= age.TotalMilliseconds;

    private static Row Judge(AccuracyOptions options, AccuracyFeed feed, AccuracyTrigger trigger, long at, ContractAnswer answer, Average average)
    {
        string id = trigger == AccuracyTrigger.Window ? $"{feed.Name}/window/{at}" : $"{feed.Name}/answer/{answer.RoundId}";
        decimal deviation = Percent(Units(answer.Price) * average.Divisor - average.Units, average.Units);
        AccuracyStatus status = at - answer.UpdatedAt > (feed.Heartbeat + options.HeartbeatSlack).TotalMilliseconds ? AccuracyStatus.Stale
            : Math.Abs(deviation) > feed.DeviationThreshold + options.DeviationSlack ? AccuracyStatus.Deviating
            : AccuracyStatus.Ok;
        return new Row(id, feed.Pair, feed.Name, feed.ChainId, trigger, at, status, answer.Price, answer.RoundId, answer.UpdatedAt, average.End, average.Units, average.Divisor,
            average.Sources, average.Dispersion, deviation);
    }

    private static BigInteger Units(decimal price) => new BigInteger(price * 1_000_000m) * Unit / 1_000_000;

    /// <summary>To six decimals, half even, by the schoolbook: floor, then look at twice the rest.</summary>
    private static decimal Percent(BigInteger part, BigInteger whole)
    {
        BigInteger dividend = BigInteger.Abs(part) * 100_000_000;
        BigInteger floor = dividend / whole;
        BigInteger twice = (dividend - floor * whole) * 2;
        if (twice > whole || (twice == whole && floor % 2 == 1))
            floor++;
        return part.Sign * (decimal)floor / 1_000_000m;
    }
}
