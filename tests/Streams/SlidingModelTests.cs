using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

/// <summary>Sliding windows against a model that finds them in all records so far: for each, the window that ends with it, and the one that begins after it, where a record is in there.</summary>
public sealed class SlidingModelTests
{
    private const int Cases = 500;

    private readonly record struct Window(string Key, long Start);

    public enum Operator
    {
        Count,
        Reduce,
        AggregateInPlace,
    }

    [Theory]
    [InlineData(Operator.Count, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Count, EmitStrategy.OnWindowClose)]
    [InlineData(Operator.Reduce, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Reduce, EmitStrategy.OnWindowClose)]
    [InlineData(Operator.AggregateInPlace, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.AggregateInPlace, EmitStrategy.OnWindowClose)]
    public void Rule12_and_rule13_sliding_windows_are_what_the_model_says(Operator what, EmitStrategy emit)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            int difference = random.Next(1, 30), grace = random.Next(30);
            List<ModelInput> inputs = ModelInput.List(random, disorder: 0);
            // Out of order, but never late: what is late depends on which windows happened to be made.
            long latest = 0;
            inputs = [.. inputs.Select(input =>
            {
                latest = Math.Max(latest, input.Timestamp);
                return input with { Timestamp = Math.Max(0, random.Next(3) == 0 ? latest - random.Next(grace + 1) : input.Timestamp) };
            })];

            List<List<ModelOutput>> expected = Model(inputs, difference, grace, what, emit);
            List<List<ModelOutput>> actual = Run(inputs, difference, grace, what, emit);

            for (int at = 0; at < inputs.Count; at++)
            {
                IEnumerable<ModelOutput> outputs = emit == EmitStrategy.OnWindowUpdate ? actual[at].OrderBy(output => output.Start) : actual[at];
                Assert.True(expected[at].SequenceEqual(outputs), $"seed {seed + i}: difference {difference}, grace {grace}, at record {at}\n" +
                    $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected[at])}\nactual {string.Join("\n", actual[at])}");
            }
        }
    }

    [Fact]
    public void Rule13_a_late_record_reaches_only_the_windows_that_are_open()
    {
        List<ModelInput> inputs = [new("k", "a", 100, false), new("k", "b", 118, true), new("k", "c", 108, false), new("k", "d", 102, false), new("k", "e", 112, false)];

        // At 118 those are open that end at 113 or after: c's left window is not, b's is, and c's right one, which b makes. d could only be in windows that are closed. e's left window has just closed.
        Assert.Equal(
            ["[90,100]=1", "[108,118]=1", "[108,118]=2", "[109,119]=1", "[109,119]=2", "[108,118]=3", "[113,123]=1"],
            Run(inputs, 10, 5, Operator.Count, EmitStrategy.OnWindowUpdate).SelectMany(outputs => outputs).Select(output => $"[{output.Start},{output.End}]={output.Value}"));
    }

    private static List<List<ModelOutput>> Model(List<ModelInput> inputs, long difference, long grace, Operator what, EmitStrategy emit)
    {
        List<List<ModelOutput>> outputs = [];
        HashSet<Window> before = [], emitted = [];
        for (int at = 0; at < inputs.Count; at++)
        {
            List<ModelInput> records = inputs[..(at + 1)];
            ModelInput input = records[^1];
            HashSet<Window> windows = [];
            foreach (ModelInput record in records)
            {
                windows.Add(new Window(record.Key, Math.Max(0, record.Timestamp - difference)));
                if (records.Any(other => other.Key == record.Key && other.Timestamp > record.Timestamp && other.Timestamp <= record.Timestamp + 1 + difference))
                    windows.Add(new Window(record.Key, record.Timestamp + 1));
            }
            long streamTime = records.Max(record => record.Timestamp);
            IEnumerable<Window> results = emit == EmitStrategy.OnWindowUpdate
                ? windows.Where(window => window.Key == input.Key && ((window.Start <= input.Timestamp && input.Timestamp <= window.Start + difference) || !before.Contains(window)))
                : windows.Where(window => window.Start + difference + grace < streamTime && !emitted.Contains(window)).OrderBy(window => window.Start).ThenBy(window => window.Key, StringComparer.Ordinal);
            List<Window> now = [.. emit == EmitStrategy.OnWindowUpdate ? results.OrderBy(window => window.Start) : results];
            outputs.Add([.. now.Select(window => Result(records, window, difference, what))]);
            emitted.UnionWith(now);
            before = windows;
        }
        return outputs;
    }

    private static ModelOutput Result(List<ModelInput> records, Window window, long difference, Operator what)
    {
        List<ModelInput> inside = [.. records.Where(record => record.Key == window.Key && record.Timestamp >= window.Start && record.Timestamp <= window.Start + difference)];
        return new ModelOutput(window.Key, window.Start, window.Start + difference,
            what == Operator.Count ? $"{inside.Count}" : string.Concat(inside.Select(record => record.Value)), inside.Max(record => record.Timestamp));
    }

    private static List<List<ModelOutput>> Run(List<ModelInput> inputs, int difference, int grace, Operator what, EmitStrategy emit)
    {
        StreamsBuilder builder = new();
        TimeWindowedKStream<string, string> windowed = builder.Stream("in", new Consumed<string, string>(Serdes.String, Serdes.String)).GroupByKey()
            .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMilliseconds(difference), TimeSpan.FromMilliseconds(grace))).EmitStrategy(emit);
        KTable<Windowed<string>, string> table = what switch
        {
            Operator.Count => windowed.Count(new Materialized<string, long>(Serdes.String, Serdes.Long)).MapValues((_, count) => $"{count}"),
            Operator.Reduce => windowed.Reduce((result, value) => result + value, new Materialized<string, string>(Serdes.String, Serdes.String)),
            _ => windowed.Aggregate(() => new byte[65], (_, value, result) =>
            {
                // The first byte is the length, so that it is clear what a window got that it should not have.
                result[++result[0]] = (byte)value[0];
                return result;
            }, new Materialized<string, byte[]>(Serdes.String, Serdes.ByteArray)).MapValues((_, bytes) => System.Text.Encoding.UTF8.GetString(bytes, 1, bytes[0])),
        };
        ISerde<Windowed<string>> keys = Serdes.TimeWindowed(Serdes.String, TimeSpan.FromMilliseconds(difference));
        table.ToStream().To("out", new Produced<Windowed<string>, string>(keys, Serdes.String));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> topic = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        TestOutputTopic<Windowed<string>, string> output = driver.CreateOutputTopic("out", keys, Serdes.String);
        List<List<ModelOutput>> outputs = [];
        foreach (ModelInput input in inputs)
        {
            if (input.RestartBefore)
                driver.Restart();
            topic.PipeInput(input.Key, input.Value, input.Timestamp);
            outputs.Add([.. output.ReadRecordsToList()
                .Select(record => new ModelOutput(record.Key.Key, record.Key.Window.Start, record.Key.Window.End, record.Value, record.Timestamp))]);
        }
        return outputs;
    }
}
