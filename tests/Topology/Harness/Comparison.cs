using System.Numerics;
using Assay.Schemas;

namespace Assay.Topology.Tests.Harness;

/// <summary>Holds what was emitted against the naive model.</summary>
internal static class Comparison
{
    /// <summary>The revisions of an id count up from 0, and each says something new.</summary>
    public static void AssertRevisions(List<Accuracy> emitted)
    {
        foreach (IGrouping<string, Accuracy> id in emitted.GroupBy(record => record.Id))
        {
            Assert.Equal(Enumerable.Range(0, id.Count()), id.Select(record => record.Revision));
            foreach ((Accuracy before, Accuracy after) in id.Zip(id.Skip(1)))
                Assert.NotEqual(Text(before with { Revision = 0 }), Text(after with { Revision = 0 }));
        }
    }

    /// <summary>The latest revisions are the model's rows; what has none is retracted. Returns how many rows there are.</summary>
    public static int AssertLatest(Dictionary<string, NaiveModel.Row> expected, List<Accuracy> emitted, string about)
    {
        Dictionary<string, Accuracy> latest = emitted.GroupBy(record => record.Id).ToDictionary(id => id.Key, id => id.Last());
        foreach ((string id, Accuracy record) in latest.Where(record => !expected.ContainsKey(record.Key)))
            Assert.True(record.Status == AccuracyStatus.Retracted, $"{about}: {id} should not be, but is {Text(record)}");
        foreach ((string id, NaiveModel.Row row) in expected)
        {
            Assert.True(latest.TryGetValue(id, out Accuracy? record), $"{about}: {id} is missing; it should be {row}");
            Assert.Equal($"{about}: {Text(row, record)}", $"{about}: {Text(record)}");
        }
        return expected.Count;
    }

    /// <summary>The record's sources as the model's rows tell theirs.</summary>
    public static string Sources(Accuracy record) => string.Join(' ', record.Sources.Select(source => $"{source.Key}:{source.Value.Quotes}:{source.Value.AgeMs}"));

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
        + $"[{Sources(record)}] {record.DispersionPct:0.######} {record.DeviationPct:0.######}";

    private static long? Milliseconds(DateTime? time) => (time - DateTime.UnixEpoch)?.Ticks / TimeSpan.TicksPerMillisecond;
}
