using Assay.Schemas;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Internal.Rules;

/// <summary>A window's average and what it is made of.</summary>
internal sealed class WindowAverage
{
    public required long WindowStart { get; init; }
    public required long WindowEnd { get; init; }
    public required ExactPrice Exact { get; init; }
    public required decimal Average { get; init; }
    public required decimal DispersionPct { get; init; }
    public required IReadOnlyList<KeyValuePair<string, SourcePrice>> Sources { get; init; }

    /// <summary>For a window with at least one source.</summary>
    public static WindowAverage Of(Window window, long windowMs, IReadOnlyList<string> sourceNames, AverageMethod method)
    {
        ReadOnlySpan<SourceSum> sums = window.Sums;
        ExactPrice[] prices = new ExactPrice[sums.Length];
        KeyValuePair<string, SourcePrice>[] sources = new KeyValuePair<string, SourcePrice>[sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            prices[i] = new ExactPrice(sums[i].Units, sums[i].Quotes);
            long? age = sums[i].NewestQuotedAt == long.MinValue ? null : window.End - sums[i].NewestQuotedAt;
            sources[i] = new(sourceNames[sums[i].Source], new SourcePrice(prices[i].ToDecimal(), sums[i].Quotes, age));
        }
        Array.Sort(prices);
        ExactPrice average = method == AverageMethod.Median ? Median(prices) : Mean(prices);
        return new WindowAverage
        {
            WindowStart = window.End - windowMs,
            WindowEnd = window.End,
            Exact = average,
            // One source alone is its own average.
            Average = prices.Length == 1 ? sources[0].Value.Price : average.ToDecimal(),
            DispersionPct = prices.Length == 1 ? 0m : (prices[^1] - prices[0]).PercentOf(average),
            Sources = sources,
        };
    }

    private static ExactPrice Mean(ReadOnlySpan<ExactPrice> prices)
    {
        ExactPrice sum = prices[0];
        foreach (ExactPrice price in prices[1..])
            sum += price;
        return sum / prices.Length;
    }

    private static ExactPrice Median(ReadOnlySpan<ExactPrice> ascending)
    {
        int middle = ascending.Length / 2;
        return ascending.Length % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
    }
}
