namespace Assay.Chaos.Tests;

/// <summary>Compares what was committed with what must be, key by key.</summary>
internal static class Comparison
{
    private const int MostShown = 10;

    public static void Check(Dictionary<string, List<OutputRecord>> expected, List<OutputRecord> seen)
    {
        Dictionary<string, List<OutputRecord>> byKey = seen.GroupBy(record => record.Key).ToDictionary(key => key.Key, key => key.ToList());
        List<string> differences = [];
        foreach (string key in expected.Keys.Union(byKey.Keys).Order(StringComparer.Ordinal))
        {
            if (Difference(expected.GetValueOrDefault(key) ?? [], byKey.GetValueOrDefault(key) ?? []) is { } difference)
                differences.Add($"{key}: {difference}");
        }
        if (differences.Count > 0)
            Assert.Fail($"{differences.Count} of {expected.Count} keys differ, the first are{Environment.NewLine}{string.Join(Environment.NewLine, differences.Take(MostShown))}");
    }

    private static string? Difference(List<OutputRecord> expected, List<OutputRecord> seen)
    {
        int same = expected.Zip(seen).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same == expected.Count && same == seen.Count)
            return null;
        return $"{expected.Count} expected, {seen.Count} seen; the first {same} agree, then expected {Shown(expected)}, seen {Shown(seen)}";

        string Shown(List<OutputRecord> records) =>
            string.Join(" ", records.Skip(same).Take(4).Select(record => $"[{record.Value} at {record.Timestamp}]")) is { Length: > 0 } text ? text : "no more";
    }
}
