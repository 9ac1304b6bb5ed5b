namespace Assay.Chaos.Tests;

/// <param name="Timestamp">Milliseconds since the epoch; in what is expected null where it depends on the order in which partitions were processed.</param>
internal sealed record OutputRecord(string Key, string Value, long? Timestamp);

/// <summary>The results of one key.</summary>
/// <param name="Records">In their order.</param>
/// <param name="OnlyLast">Whether those before the last one depend on the order in which partitions were processed.</param>
internal sealed record Expectation(IReadOnlyList<OutputRecord> Records, bool OnlyLast = false);

/// <summary>Compares what was committed with what must be, key by key.</summary>
internal static class Comparison
{
    private const int MostShown = 10;

    public static void Check(IReadOnlyDictionary<string, Expectation> expected, List<OutputRecord> seen)
    {
        List<string> differences = Differences(expected, seen);
        if (differences.Count > 0)
            Assert.Fail($"{differences.Count} of {expected.Count} keys differ, the first are{Environment.NewLine}{string.Join(Environment.NewLine, differences.Take(MostShown))}");
    }

    public static List<string> Differences(IReadOnlyDictionary<string, Expectation> expected, List<OutputRecord> seen)
    {
        Dictionary<string, List<OutputRecord>> byKey = seen.GroupBy(record => record.Key).ToDictionary(key => key.Key, key => key.ToList());
        List<string> differences = [];
        foreach (string key in expected.Keys.Union(byKey.Keys).Order(StringComparer.Ordinal))
        {
            List<OutputRecord> found = byKey.GetValueOrDefault(key) ?? [];
            Expectation wanted = expected.GetValueOrDefault(key) ?? new Expectation([]);
            if (Difference(wanted.Records, wanted.OnlyLast ? [.. found.TakeLast(1)] : found) is { } difference)
                differences.Add($"{key}: {difference}");
        }
        return differences;
    }

    private static string? Difference(IReadOnlyList<OutputRecord> expected, List<OutputRecord> seen)
    {
        int same = expected.Zip(seen).TakeWhile(pair => pair.First.Value == pair.Second.Value && (pair.First.Timestamp ?? pair.Second.Timestamp) == pair.Second.Timestamp).Count();
        if (same == expected.Count && same == seen.Count)
            return null;
        return $"{expected.Count} expected, {seen.Count} seen; the first {same} agree, then expected {Shown(expected)}, seen {Shown(seen)}";

        string Shown(IReadOnlyList<OutputRecord> records) =>
            string.Join(" ", records.Skip(same).Take(4).Select(record => $"[{record.Value} at {record.Timestamp}]")) is { Length: > 0 } text ? text : "no more";
    }
}
