using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

/// <summary>Grouped tables against a model that recomputes a group from all rows of the table.</summary>
public sealed class GroupedTableModelTests
{
    private const int Cases = 500;
    private static readonly Materialized<string, string> Kept = new(Serdes.String, Serdes.String);

    public enum Operator
    {
        Count,
        Reduce,
        Aggregate,
    }

    [Theory]
    [InlineData(Operator.Count)]
    [InlineData(Operator.Reduce)]
    [InlineData(Operator.Aggregate)]
    public void Rule16_groups_hold_what_their_rows_say(Operator what)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            List<ModelInput> inputs = [.. ModelInput.List(random, disorder: 40).Select(input => input with { Value = Row(random) })];

            List<string> expected = Model(inputs, what);
            List<string> actual = Run(inputs, what);

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    /// <summary>A group, or <c>-</c> for none, and a letter, or <c>-</c> for no value in it; or a tombstone.</summary>
    private static string Row(Random random) => random.Next(5) == 0 ? null! : $"{"ghg-"[random.Next(4)]}{"abcdefg-"[random.Next(8)]}";

    private static bool IsIn(string? row) => row is not null && !row.Contains('-', StringComparison.Ordinal);

    private static List<string> Model(List<ModelInput> inputs, Operator what)
    {
        List<string> outputs = [];
        Dictionary<string, string?> rows = [];
        Dictionary<char, long> times = [];
        foreach (ModelInput input in inputs)
        {
            string? old = rows.GetValueOrDefault(input.Key);
            if (IsIn(old) && !(IsIn(input.Value) && old![0] == input.Value[0]))
            {
                rows.Remove(input.Key);
                outputs.Add(Result(old![0], input.Timestamp));
            }
            rows[input.Key] = input.Value;
            if (IsIn(input.Value))
                outputs.Add(Result(input.Value[0], input.Timestamp));
        }
        return outputs;

        string Result(char group, long timestamp)
        {
            string all = string.Concat(rows.Values.Where(row => IsIn(row) && row![0] == group).Select(row => row![1]).Order());
            // An empty result is deleted but where it is a count, and with it its time.
            times[group] = Math.Max(times.GetValueOrDefault(group), timestamp);
            string result = $"{group}={(what == Operator.Count ? $"{all.Length}" : all)}@{times[group]}";
            if (all.Length == 0 && what != Operator.Count)
                times.Remove(group);
            return result;
        }
    }

    private static List<string> Run(List<ModelInput> inputs, Operator what)
    {
        StreamsBuilder builder = new();
        KGroupedTable<string, string> group = builder.Table("in", new Consumed<string, string>(Serdes.String, Serdes.String)).GroupBy(
            (_, row) => KeyValuePair.Create(row[0] == '-' ? null! : row[..1], row[1] == '-' ? null! : row[1..]), new Grouped<string, string>(Serdes.String, Serdes.String));
        KTable<string, string> table = what switch
        {
            Operator.Count => group.Count(new Materialized<string, long>(Serdes.String, Serdes.Long)).MapValues((_, count) => $"{count}"),
            Operator.Reduce => group.Reduce((result, value) => string.Concat((result + value).Order()), Without, Kept),
            _ => group.Aggregate(() => "", (_, value, result) => string.Concat((result + value).Order()), (_, value, result) => Without(result, value), Kept),
        };
        table.ToStream().To("out", new Produced<string, string>(Serdes.String, Serdes.String));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> topic = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        foreach (ModelInput input in inputs)
        {
            if (input.RestartBefore)
                driver.Restart();
            topic.PipeInput(input.Key, input.Value, input.Timestamp);
        }
        return [.. driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key}={record.Value}@{record.Timestamp}")];
    }

    private static string Without(string result, string value)
    {
        string left = result.Remove(result.IndexOf(value, StringComparison.Ordinal), 1);
        return left.Length == 0 ? null! : left;
    }
}
