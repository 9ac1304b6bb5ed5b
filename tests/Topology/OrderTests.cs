using System.Numerics;
using Assay.Schemas;
using Assay.Topology.Tests.Harness;

namespace Assay.Topology.Tests;

/// <summary>Semantics: The one rule; whatever the order of arrival and the restarts, the latest revisions are those of the naive model.</summary>
public sealed class OrderTests
{
    private const int Cases = 3_000;
    private const int RestartsPerCase = 3;

    [Fact]
    public void Latest_revisions_are_the_pure_function_of_the_inputs_in_any_order_and_with_restarts()
    {
        int first = int.TryParse(Environment.GetEnvironmentVariable("ASSAY_TEST_SEED"), out int given) ? given : Random.Shared.Next();
        int records = 0;
        Parallel.For(0, Cases, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, number =>
        {
            int seed = unchecked(first + number);
            try
            {
                Interlocked.Add(ref records, Run(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} (set ASSAY_TEST_SEED={seed} to begin with it): {failure.Message}", failure);
            }
        });
        // A generator that draws nothing would prove nothing.
        Assert.True(records > Cases * 10, $"{records} records in {Cases} cases");
    }

    private static int Run(int seed)
    {
        RandomCase given = new(seed);
        Random random = new(seed);
        JoinUnderTest join = new(given.Options);
        foreach (object input in given.Delivery)
        {
            join.Take(input);
            if (random.Next(given.Delivery.Count) < RestartsPerCase)
                join.Restart();
        }
        join.Join.Advance(given.End);
        AssertRevisions(join.Emitted);
        return AssertLatest(NaiveModel.Compute(given.Options, given.Quotes, given.Messages), join.Emitted);
    }

    /// <summary>The revisions of an id count up from 0, and each says something new.</summary>
    private static void AssertRevisions(List<Accuracy> emitted)
    {
        foreach (IGrouping<string, Accuracy> id in emitted.GroupBy(record => record.Id))
        {
            Assert.Equal(Enumerable.Range(0, id.Count()), id.Select(record => record.Revision));
            foreach ((Accuracy before, Accuracy after) in id.Zip(id.Skip(1)))
                Assert.NotEqual(Text(before with { Revision = 0 }), Text(after with { Revision = 0 }));
        }
    }

    private static int AssertLatest(Dictionary<string, NaiveModel.Row> expected, List<Accuracy> emitted)
    {
        Dictionary<string, Accuracy> latest = emitted.GroupBy(record => record.Id).ToDictionary(id => id.Key, id => id.Last());
        foreach ((string id, Accuracy record) in latest.Where(record => !expected.ContainsKey(record.Key)))
            Assert.True(record.Status == AccuracyStatus.Retracted, $"{id} should not be, but is {Text(record)}");
        foreach ((string id, NaiveModel.Row row) in expected)
        {
            Assert.True(latest.TryGetValue(id, out Accuracy? record), $"{id} is missing; it should be {row}");
            Assert.Equal(Text(row, record), Text(record));
        }
        return expected.Count;
    }

    private static string Text(NaiveModel.Row row, Accuracy record)
    {
        Assert.NotNull(record.Average);
        // The printed average is the exact one within half a unit of its 28th digit or decimal.
        BigInteger scale = BigInteger.Pow(10, 28);
        BigInteger error = BigInteger.Abs(new BigInteger(record.Average.Value * 1_000_000_000m) * scale / 1_000_000_000 - row.AverageUnits * BigInteger.Pow(10, 10) / row.AverageDivisor);
        Assert.True(error < BigInteger.Pow(10, 20), $"{row.Id}: average {record.Average}, expected {row.AverageUnits} / {row.AverageDivisor} × 10^-18");
        return $"{row.Id} {row.Pair} {row.Feed} {row.ChainId} {row.Trigger} {row.At} {row.Status} {row.Price:0.######} {row.Round} {row.UpdatedAt} {row.At - row.UpdatedAt} {row.WindowEnd} "
            + $"[{row.Sources}] {row.Dispersion:0.######} {row.Deviation:0.######}";
    }

    private static string Text(Accuracy record) =>
        $"{record.Id} {record.Pair} {record.Feed} {record.ChainId} {record.Trigger} {Milliseconds(record.At)} {record.Status} {record.ContractPrice:0.######} {record.RoundId} "
        + $"{Milliseconds(record.AnswerUpdatedAt)} {record.AnswerAgeMs} {Milliseconds(record.WindowEnd)} "
        + $"[{string.Join(' ', record.Sources.Select(source => $"{source.Key}:{source.Value.Quotes}:{source.Value.AgeMs}"))}] {record.DispersionPct:0.######} {record.DeviationPct:0.######}";

    private static long? Milliseconds(DateTime? time) => (time - DateTime.UnixEpoch)?.Ticks / TimeSpan.TicksPerMillisecond;
}
