using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

/// <summary>Windowed operators and the stream–table join against models that compute the answer from the whole input, over random inputs with
/// disorder, duplicates, equal timestamps, late records and restarts.</summary>
public sealed class WindowedModelTests
{
    private const int Cases = 500;
    private static readonly Materialized<string, long> Longs = new(Serdes.String, Serdes.Long) { Name = "store" };

    private sealed record Input(string Key, long Value, long Timestamp, bool RestartBefore);

    private sealed record Output(string Key, long Start, long Value, long Timestamp);

    public enum Operator
    {
        Count,
        Reduce,
        Aggregate,
    }

    [Theory]
    [InlineData(Operator.Count, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Count, EmitStrategy.OnWindowClose)]
    [InlineData(Operator.Reduce, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Reduce, EmitStrategy.OnWindowClose)]
    [InlineData(Operator.Aggregate, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Aggregate, EmitStrategy.OnWindowClose)]
    public void Rule12_and_rule13_a_windowed_operator_gives_what_the_model_says(Operator what, EmitStrategy emit)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            long size = random.Next(1, 30);
            long advance = random.Next(3) == 0 ? random.NextInt64(1, size + 1) : size;
            long grace = random.Next(3) == 0 ? 0 : random.Next(20);
            TimeWindows windows = TimeWindows.OfSizeAndGrace(Milliseconds(size), Milliseconds(grace)).AdvanceBy(Milliseconds(advance));
            Materialized<string, long> kept = Longs with { Retention = random.Next(2) == 0 ? null : Milliseconds(size + grace + random.Next(20)) };
            List<Input> inputs = Inputs(random);

            IReadOnlyList<Output> expected = Model(inputs, size, advance, grace, what, emit);
            IReadOnlyList<Output> actual = Run(inputs, windows, kept, what, emit);

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}: size {size}, advance {advance}, grace {grace}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    [Fact]
    public void Rule12_a_stream_table_join_gives_what_the_model_says()
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            bool left = random.Next(2) == 0;
            StreamsBuilder builder = new();
            KTable<string, string> table = builder.Table("table", new Consumed<string, string>(Serdes.String, Serdes.String)).MapValues((_, value) => value + "!");
            KStream<string, string> stream = builder.Stream("stream", new Consumed<string, string>(Serdes.String, Serdes.String));
            (left ? stream.LeftJoin(table, (_, value, other) => $"{value}+{other}") : stream.Join(table, (_, value, other) => $"{value}+{other}"))
                .To("out", new Produced<string, string>(Serdes.String, Serdes.String));
            using TopologyTestDriver driver = new(builder.Build());
            TestInputTopic<string, string> tableInput = driver.CreateInputTopic("table", Serdes.String, Serdes.String);
            TestInputTopic<string, string> streamInput = driver.CreateInputTopic("stream", Serdes.String, Serdes.String);
            Dictionary<string, (string Value, long Timestamp)> model = [];
            List<string> expected = [];
            foreach (Input input in Inputs(random))
            {
                if (input.RestartBefore)
                    driver.Restart();
                if (random.Next(2) == 0)
                {
                    string? value = random.Next(4) == 0 ? null : $"t{input.Value}";
                    tableInput.PipeInput(input.Key, value, input.Timestamp);
                    if (value is null)
                        model.Remove(input.Key);
                    else
                        model[input.Key] = (value + "!", input.Timestamp);
                    continue;
                }
                streamInput.PipeInput(input.Key, $"s{input.Value}", input.Timestamp);
                bool found = model.TryGetValue(input.Key, out (string Value, long Timestamp) match);
                if (found || left)
                    expected.Add($"{input.Key} s{input.Value}+{match.Value} {(found ? Math.Max(match.Timestamp, input.Timestamp) : input.Timestamp)}");
            }

            IEnumerable<string> actual = driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList()
                .Select(record => $"{record.Key} {record.Value} {record.Timestamp}");

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    private static List<Input> Inputs(Random random) =>
        [.. ModelInput.List(random, disorder: 49).Select(input => new Input(input.Key, input.Value[0], input.Timestamp, input.RestartBefore))];

    /// <summary>Every window that some record falls into is recomputed from the input read so far.</summary>
    private static List<Output> Model(List<Input> inputs, long size, long advance, long grace, Operator what, EmitStrategy emit)
    {
        List<Output> outputs = [];
        List<(Input Input, long Start)> taken = [];
        long streamTime = -1;
        foreach (Input input in inputs)
        {
            long before = streamTime;
            streamTime = Math.Max(streamTime, input.Timestamp);
            for (long start = 0; start <= input.Timestamp; start += advance)
            {
                if (input.Timestamp >= start + size || start + size + grace <= streamTime)
                    continue;
                taken.Add((input, start));
                if (emit == EmitStrategy.OnWindowUpdate)
                    outputs.Add(Result(taken, input.Key, start, what));
            }
            if (emit == EmitStrategy.OnWindowUpdate)
                continue;
            outputs.AddRange(taken.Select(record => (record.Start, record.Input.Key)).Distinct()
                .Where(window => window.Start + size + grace > before && window.Start + size + grace <= streamTime)
                .OrderBy(window => window.Start).ThenBy(window => window.Key, StringComparer.Ordinal)
                .Select(window => Result(taken, window.Key, window.Start, what)));
        }
        return outputs;
    }

    private static Output Result(List<(Input Input, long Start)> taken, string key, long start, Operator what)
    {
        List<Input> inside = [.. taken.Where(record => record.Start == start && record.Input.Key == key).Select(record => record.Input)];
        long value = what switch
        {
            Operator.Count => inside.Count,
            Operator.Reduce => inside.Skip(1).Aggregate(inside[0].Value, (result, input) => result * 3 + input.Value),
            _ => inside.Aggregate(7L, (result, input) => result * 5 + input.Value),
        };
        return new Output(key, start, value, inside.Max(input => input.Timestamp));
    }

    private static List<Output> Run(List<Input> inputs, TimeWindows windows, Materialized<string, long> kept, Operator what, EmitStrategy emit)
    {
        StreamsBuilder builder = new();
        TimeWindowedKStream<string, long> windowed = builder.Stream("in", new Consumed<string, long>(Serdes.String, Serdes.Long))
            .GroupByKey().WindowedBy(windows).EmitStrategy(emit);
        KTable<Windowed<string>, long> table = what switch
        {
            Operator.Count => windowed.Count(kept),
            Operator.Reduce => windowed.Reduce((result, value) => result * 3 + value, kept),
            _ => windowed.Aggregate(() => 7L, (_, value, result) => result * 5 + value, kept),
        };
        ISerde<Windowed<string>> keys = Serdes.TimeWindowed(Serdes.String, Milliseconds(windows.Size));
        table.ToStream().To("out", new Produced<Windowed<string>, long>(keys, Serdes.Long));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, long> topic = driver.CreateInputTopic("in", Serdes.String, Serdes.Long);
        foreach (Input input in inputs)
        {
            if (input.RestartBefore)
                driver.Restart();
            topic.PipeInput(input.Key, input.Value, input.Timestamp);
        }
        return [.. driver.CreateOutputTopic("out", keys, Serdes.Long).ReadRecordsToList()
            .Select(record => new Output(record.Key.Key, record.Key.Window.Start, record.Value, record.Timestamp))];
    }

    private static TimeSpan Milliseconds(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
