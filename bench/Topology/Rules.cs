using System.Globalization;

namespace Assay.Topology.Bench;

/// <summary>The rules alone, on one thread, without Kafka, engine or decoding: what a quote costs the processor, garbage collection included, as pairs, windows and hours of input grow.</summary>
internal static class Rules
{
    private const int Lot = 10_000;
    private const int QuotesPerAnswer = 100;

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_692_000_000_000);

    /// <param name="quotes">Of random pairs, the sources in turn; for each hundred an answer.</param>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="stepMs">Event time from a quote to the next.</param>
    /// <returns>One line of JSON.</returns>
    public static string Measure(int quotes, int pairs, int stepMs)
    {
        long emitted = 0;
        AccuracyReplay replay = new(Workload.Judging(pairs), TimeProvider.System, _ => emitted++);
        Random random = new(1);
        double[] prices = [.. Enumerable.Range(0, pairs).Select(_ => 10.0 + random.Next(3000))];
        string[] names = [.. Enumerable.Range(0, pairs).Select(Workload.Pair)], feeds = [.. Enumerable.Range(0, pairs).Select(Workload.Feed)];
        List<Quote> lot = new(Lot);
        List<ContractAnswer> answers = new(Lot / QuotesPerAnswer);
        TimeSpan spent = TimeSpan.Zero, last = TimeSpan.Zero;
        long allocated = 0;
        for (int i = 0; i < quotes;)
        {
            lot.Clear();
            answers.Clear();
            for (int end = Math.Min(quotes, i + Lot); i < end; i++)
            {
                int pair = random.Next(pairs);
                long time = Start.ToUnixTimeMilliseconds() + (long)i * stepMs;
                prices[pair] *= 1 + (random.NextDouble() - 0.5) * 0.0004;
                lot.Add(new Quote { Pair = names[pair], Source = Workload.Sources[i % Workload.Sources.Length], Price = (decimal)prices[pair], QuotedAt = time - 1_000, ObservedAt = time });
                if (i % QuotesPerAnswer == 0)
                    answers.Add(Answer(i, names[pair], feeds[pair], (decimal)prices[pair], time));
            }
            long before = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan began = Environment.CpuUsage.TotalTime;
            for (int k = 0; k < lot.Count; k++)
            {
                if (k % QuotesPerAnswer == 0)
                    replay.Take(answers[k / QuotesPerAnswer]);
                replay.Take(lot[k]);
            }
            last = Environment.CpuUsage.TotalTime - began;
            spent += last;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{{\"engine\":\"rules\",\"pairs\":{pairs},\"quotes\":{quotes},\"hours\":{(double)quotes * stepMs / 3_600_000:0.0},\"emitted\":{emitted}," +
            $"\"us_per_quote\":{spent.TotalMicroseconds / quotes:0.000},\"us_per_quote_at_the_end\":{last.TotalMicroseconds / lot.Count:0.000},\"us_per_emitted\":{spent.TotalMicroseconds / Math.Max(emitted, 1):0.00}," +
            $"\"allocated_per_quote\":{allocated / quotes}}}");
    }

    private static ContractAnswer Answer(int number, string pair, string feed, decimal price, long time) => new()
    {
        Pair = pair,
        Feed = feed,
        ChainId = 1,
        RoundId = (number + 1).ToString(CultureInfo.InvariantCulture),
        Price = price,
        UpdatedAt = time,
        BlockNumber = 17_000_000 + number,
        BlockHash = $"0x{number:x64}",
        LogIndex = 1,
        Removed = false,
        ObservedAt = time,
    };
}
