using System.Text;

namespace Assay.Conformance.Tests.Streams;

/// <summary>One kind of topology under random parameters and inputs, in both engines.</summary>
internal sealed record Scenario(Func<Random, string[]> Topology, Func<Random, IReadOnlyList<Input>> Inputs)
{
    /// <summary>Whether several records of one topic that one input brings about come in no promised order.</summary>
    public bool Unordered { get; init; }

    /// <summary>A listed difference: what of Kafka Streams' output ours gives instead. It must change something, else the difference is none.</summary>
    public Func<Output, Output>? Difference { get; init; }
}

/// <summary>Runs scenarios in both engines and compares descriptions, outputs record by record, and what the changelogs hold, byte by byte.</summary>
internal static class Comparison
{
    private const int Topologies = 6;
    private const int RunsPerTopology = 6;

    public static async Task AssertSameAsync(KafkaStreamsProcess kafkaStreams, Scenario scenario)
    {
        int seed = Random.Shared.Next();
        bool differs = false;
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
                IReadOnlyList<Output> expected = theirs.Runs[run].Outputs;
                if (scenario.Difference is { } difference)
                {
                    IReadOnlyList<Output> changed = [.. expected.Select(difference)];
                    differs |= !changed.SequenceEqual(expected);
                    expected = changed;
                }
                AssertSame(Lines(expected, scenario.Unordered), Lines(ours.Runs[run].Outputs, scenario.Unordered), inputs);
                AssertSameChangelogs(theirs.Runs[run], ours.Runs[run], runs[run].Max(input => input.Timestamp), inputs);
            }
        }
        Assert.True(differs || scenario.Difference is null, $"seed {seed}: no output differs any more; strike the difference off.");
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

    public static List<string> Lines(IEnumerable<Output> outputs, bool unordered = false)
    {
        IEnumerable<Output> ordered = outputs.OrderBy(output => output.Cause).ThenBy(output => output.Topic, StringComparer.Ordinal);
        if (unordered)
            ordered = outputs.OrderBy(output => (output.Cause, output.Topic, output.Key, output.Value, output.Timestamp));
        return [.. ordered.Select(output => $"{output.Cause}: {output.Topic} {output.Key}={output.Value ?? "null"} at {output.Timestamp}")];
    }

    /// <summary>Each key's last value and, where a restore reads it, its time. What ours deletes since its window has left the store, theirs leaves to the topic's retention.</summary>
    private static void AssertSameChangelogs(Run theirs, Run ours, long streamTime, string about)
    {
        List<string> expected = [], actual = [];
        foreach (string topic in theirs.Changelogs.Keys.Union(ours.Changelogs.Keys).Order(StringComparer.Ordinal))
        {
            IReadOnlyDictionary<string, Change> theirChanges = theirs.Changelogs.GetValueOrDefault(topic) ?? new Dictionary<string, Change>();
            IReadOnlyDictionary<string, Change> ourChanges = ours.Changelogs.GetValueOrDefault(topic) ?? new Dictionary<string, Change>();
            foreach (string key in theirChanges.Keys.Union(ourChanges.Keys).Order(StringComparer.Ordinal))
            {
                Change? their = theirChanges.GetValueOrDefault(key), our = ourChanges.GetValueOrDefault(key);
                // A tombstone of what never was is like none.
                if (our?.Value is null && (their?.Value is null || (our is not null && Expired(key, streamTime))))
                    continue;
                expected.Add(Line(topic, key, their));
                actual.Add(Line(topic, key, our));
            }
        }
        AssertSame(expected, actual, about);
    }

    private static string Line(string topic, string key, Change? change) => change is null ? $"{topic} {Printable(key)}: nothing"
        : $"{topic} {Printable(key)}: {Printable(change.Value ?? "null")}" + (topic.Contains("counter", StringComparison.Ordinal) ? "" : $" at {change.Timestamp}");

    /// <summary>Whether a window store's key, which ends with a start and a sequence number, is of a window that began before stream time.</summary>
    private static bool Expired(string key, long streamTime) => key.Length > 12 &&
        System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(Encoding.Latin1.GetBytes(key[^12..^4])) is >= 0 and long start && start < streamTime;

    private static string Printable(string text) => string.Concat(text.Select(character => character is >= ' ' and <= '~' ? $"{character}" : $"\\{(int)character:x2}"));

    private static void AssertSame(List<string> expected, List<string> actual, string about)
    {
        if (expected.SequenceEqual(actual))
            return;
        int first = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"{about}the same up to line {first}, then\nKafka Streams:\n{Rest(expected, first)}\nours:\n{Rest(actual, first)}");
    }

    private static string Rest(List<string> lines, int from) => string.Join('\n', lines.Skip(Math.Max(0, from - 3)).Take(12));
}
