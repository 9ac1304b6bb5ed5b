namespace Assay.Conformance.Tests.Streams;

/// <summary>One kind of topology under random parameters and inputs, in both engines.</summary>
internal sealed record Scenario(Func<Random, string[]> Topology, Func<Random, IReadOnlyList<Input>> Inputs)
{
    /// <summary>Whether which input brings a record about is not promised.</summary>
    public bool AtAnyTime { get; init; }

    /// <summary>Whether headers are the same, too.</summary>
    public bool SameHeaders { get; init; } = true;

    /// <summary>A listed difference: what ours gives instead of Kafka Streams' outputs. <see cref="DifferenceTests"/> shows it in one case.</summary>
    public Func<IEnumerable<Output>, IEnumerable<Output>> Difference { get; init; } = outputs => outputs;
}

/// <summary>Runs scenarios in both engines and compares descriptions, outputs record by record, and what the changelogs hold, byte by byte.</summary>
internal static class Comparison
{
    private const int Topologies = 6;
    private const int RunsPerTopology = 6;

    public static async Task AssertSameAsync(KafkaStreamsProcess kafkaStreams, Scenario scenario)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Topologies; i++)
        {
            Random random = new(seed + i);
            string[] topology = scenario.Topology(random);
            IReadOnlyList<Input>[] runs = [.. Enumerable.Range(0, RunsPerTopology).Select(_ => scenario.Inputs(random))];
            Answer theirs = await kafkaStreams.AskAsync(topology, runs);
            Answer ours = OurStreams.Ask(topology, runs);
            string about = $"seed {seed + i}\n{string.Join('\n', topology)}\n";
            AssertSame(Sorted(theirs.Description), Sorted(ours.Description), about);
            for (int run = 0; run < RunsPerTopology; run++)
            {
                string inputs = about + string.Join('\n', runs[run].Select((input, number) => $"{number}: {input}")) + "\n";
                AssertSame(Lines(scenario.Difference(theirs.Runs[run].Outputs), scenario), Lines(ours.Runs[run].Outputs, scenario), inputs);
                Changelogs.AssertSame(theirs.Runs[run], ours.Runs[run], runs[run].Max(input => input.Timestamp), inputs);
            }
        }
    }

    /// <summary>The description with nodes, stores and names in order: Java prints them in an order of its hash tables.</summary>
    public static List<string> Sorted(string description)
    {
        List<string> lines = [];
        foreach (string subTopology in description.Split("Sub-topology: ").Skip(1))
        {
            string[] nodes = subTopology.Split("\n    ", StringSplitOptions.TrimEntries);
            string number = nodes[0];
            IEnumerable<string> joined = nodes.Skip(1).Aggregate(new List<string>(), (all, line) =>
            {
                if (line.StartsWith("-->", StringComparison.Ordinal) || line.StartsWith("<--", StringComparison.Ordinal))
                    all[^1] += $" {line[..3]} {SortedNames(line[4..])}";
                else
                    all.Add(line.Split('[') is [string before, string stores] ? $"{before}[{SortedNames(stores[..^2])}])" : line);
                return all;
            });
            lines.AddRange(joined.Order(StringComparer.Ordinal).Select(node => $"{number} {node}"));
        }
        return lines;
    }

    private static string SortedNames(string names) => string.Join(", ", names.Split(", ").Order(StringComparer.Ordinal));

    public static List<string> Lines(IEnumerable<Output> outputs) => [.. Ordered(outputs).Select(output => $"{output.Cause}: {output.Topic} {output.Key}={output.Value ?? "null"} at {output.Timestamp}")];

    private static List<string> Lines(IEnumerable<Output> outputs, Scenario scenario) =>
        scenario.AtAnyTime ? [.. Lines(outputs.Select(output => output with { Cause = 0 })).Order(StringComparer.Ordinal)]
        : scenario.SameHeaders ? [.. Lines(outputs).Zip(Ordered(outputs), (line, output) => $"{line} with headers of {output.Headers}")] : Lines(outputs);

    private static IEnumerable<Output> Ordered(IEnumerable<Output> outputs) => outputs.OrderBy(output => output.Cause).ThenBy(output => output.Topic, StringComparer.Ordinal);

    public static string Printable(string text) => string.Concat(text.Select(character => character is >= ' ' and <= '~' ? $"{character}" : $"\\{(int)character:x2}"));

    public static void AssertSame(List<string> expected, List<string> actual, string about)
    {
        if (expected.SequenceEqual(actual))
            return;
        int first = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"{about}the same up to line {first}, then\nKafka Streams:\n{Rest(expected, first)}\nours:\n{Rest(actual, first)}");
    }

    private static string Rest(List<string> lines, int from) => string.Join('\n', lines.Skip(Math.Max(0, from - 3)).Take(12));
}
