using Assay.Streams.Internal.Dsl;
using Assay.Streams.Testing;

namespace Assay.Streams.Tests.Joins;

/// <summary>Joins with versioned tables against their definition: the value in force at a time is that of the last update, by time, up to it.</summary>
public sealed class VersionedJoinModelTests
{
    private const int Cases = 1000;
    private const int Table = 0;
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);

    private sealed record Seen(JoinInput Input, long StreamTime, int Index);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Rule16_and_rule22_a_stream_joined_with_a_versioned_table_gives_what_the_model_says(bool withGrace, bool left)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            long history = random.Next(5, 60), grace = withGrace ? random.NextInt64(0, Math.Min(history, 30)) : 0;
            List<JoinInput> inputs = [.. JoinInputs.Of(random, topics: 2).Select(input => random.Next(25) == 0 ? input with { Key = null } : input)];

            List<string> expected = Model(inputs, history, grace, left);
            List<string> actual = Run(inputs, history, withGrace ? grace : null, left);

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}: history {history}, grace {grace}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    [Theory]
    [InlineData("Inner")]
    [InlineData("Left")]
    [InlineData("Outer")]
    public void Rule16_a_join_of_tables_leaves_out_what_is_out_of_order_in_a_versioned_one(string kindName)
    {
        JoinKind kind = Enum.Parse<JoinKind>(kindName);
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            long history = random.Next(5, 60);
            bool[] versioned = [true, random.Next(2) == 0];
            List<JoinInput> inputs = JoinInputs.Of(random, topics: 2);
            StreamsBuilder builder = new();
            KTable<string, string>[] tables = [.. versioned.Select((isVersioned, topic) => builder.Table($"in{topic}", Texts, Kept(isVersioned ? history : null)))];
            KTable<string, string> joined = kind switch
            {
                JoinKind.Inner => tables[0].Join(tables[1], (_, a, b) => $"{a}+{b}"),
                JoinKind.Left => tables[0].LeftJoin(tables[1], (_, a, b) => $"{a}+{b}"),
                _ => tables[0].OuterJoin(tables[1], (_, a, b) => $"{a}+{b}"),
            };
            joined.ToStream().To("out", TextsOut);

            List<string> expected = ModelOfTables(inputs, history, versioned, kind);
            List<string> actual = Run(builder, inputs);

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}: history {history}, versioned {string.Join(' ', versioned)}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    [Fact]
    public void Rule16_an_aggregate_of_a_versioned_table_leaves_out_what_is_out_of_order()
    {
        StreamsBuilder builder = new();
        builder.Table("in", Texts, Kept(history: 100)).GroupBy((_, value) => KeyValuePair.Create("all", value), new Grouped<string, string>(Serdes.String, Serdes.String))
            .Reduce((result, value) => result + value, (result, value) => result.Replace(value, ""), new Materialized<string, string>(Serdes.String, Serdes.String))
            .ToStream().To("out", TextsOut);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("a", "1", 10);
        input.PipeInput("a", "2", 5);
        input.PipeInput("b", "3", 20);
        input.PipeInput("a", null, 9);
        input.PipeInput("a", "4", 30);

        Assert.Equal(["1", "13", "34"], driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => record.Value));
    }

    [Fact]
    public void Headers_of_a_record_that_waits_survive_a_restart()
    {
        StreamsBuilder builder = new();
        KTable<string, string> table = builder.Table("table", Texts, Kept(history: 100));
        builder.Stream("stream", Texts).LeftJoin(table, (_, a, b) => $"{a}+{b}", new Joined<string, string>(Serdes.String, Serdes.String) { GracePeriod = TimeSpan.FromMilliseconds(10) })
            .To("out", TextsOut);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> stream = driver.CreateInputTopic("stream", Serdes.String, Serdes.String);

        stream.PipeInput("k", "a", 1, new Confluent.Kafka.Headers { { "one", [1, 2] }, { "none", null! } });
        driver.Restart();
        driver.CreateInputTopic("table", Serdes.String, Serdes.String).PipeInput("k", "t", 0);
        stream.PipeInput("other", "b", 11);

        Record<string, string> result = driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecord();
        Assert.Equal("a+t", result.Value);
        Assert.Equal(["one:0102", "none:"], result.Headers!.Select(header => $"{header.Key}:{Convert.ToHexString(header.GetValueBytes() ?? [])}"));
    }

    [Fact]
    public void A_grace_period_that_the_table_cannot_serve_is_refused()
    {
        Joined<string, string> waiting = new(Serdes.String, Serdes.String) { GracePeriod = TimeSpan.FromMilliseconds(10) };
        StreamsBuilder builder = new();
        KStream<string, string> stream = builder.Stream("stream", Texts);

        StreamsException plain = Assert.Throws<StreamsException>(() => stream.Join(builder.Table("plain", Texts), (_, a, b) => a + b, waiting));
        StreamsException shorter = Assert.Throws<StreamsException>(() => stream.Join(builder.Table("short", Texts, Kept(history: 9)), (_, a, b) => a + b, waiting));

        Assert.Contains("waits 00:00:00.0100000 for late updates of its table, which is not versioned", plain.Message, StringComparison.Ordinal);
        Assert.Contains("which keeps its history for 00:00:00.0090000", shorter.Message, StringComparison.Ordinal);
    }

    private static Materialized<string, string> Kept(long? history) =>
        new(Serdes.String, Serdes.String) { HistoryRetention = history is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null };

    private static List<string> Model(List<JoinInput> inputs, long history, long grace, bool left)
    {
        List<Seen> seen = WithStreamTime(inputs);
        List<string> outputs = [];
        foreach (Seen now in seen)
        {
            long before = now.Index == 0 ? -1 : seen[now.Index - 1].StreamTime;
            // What waited and is due; then the record itself, if it does not wait.
            IEnumerable<Seen> due = seen.Take(now.Index).Where(record => Waits(record) && record.Input.Timestamp <= now.StreamTime - grace && record.Input.Timestamp > before - grace)
                .OrderBy(record => record.Input.Timestamp).ThenBy(record => record.Input.Key, StringComparer.Ordinal).ThenBy(record => record.Index);
            foreach (Seen record in Takes(now) && !Waits(now) ? due.Append(now) : due)
            {
                string? value = record.Input.Key is null ? null : InForce(seen.Take(now.Index + 1), record.Input.Key, record.Input.Timestamp, history);
                if (value is not null || left)
                    outputs.Add($"{record.Input.Key} {record.Input.Value}+{value} {record.Input.Timestamp}");
            }
        }
        return outputs;

        bool Takes(Seen record) => record.Input.Topic != Table && record.Input.Value is not null && (record.Input.Key is not null || left);

        bool Waits(Seen record) => Takes(record) && record.Input.Key is not null && record.Input.Timestamp > record.StreamTime - grace;
    }

    private static string? InForce(IEnumerable<Seen> seen, string key, long asOf, long history)
    {
        List<Seen> updates = [.. seen.Where(update => update.Input.Topic == Table && update.Input.Key == key && update.Input.Timestamp >= update.StreamTime - history)];
        Seen? found = updates.Where(update => update.Input.Timestamp <= asOf).OrderBy(update => update.Input.Timestamp).ThenBy(update => update.Index).LastOrDefault();
        bool superseded = updates.Any(update => update.Input.Timestamp > asOf);
        return superseded && asOf < seen.Last().StreamTime - history ? null : found?.Input.Value;
    }

    private static List<string> ModelOfTables(List<JoinInput> inputs, long history, bool[] versioned, JoinKind kind)
    {
        List<string> outputs = [];
        Dictionary<string, (string? Value, long Timestamp)>[] latest = [[], []];
        foreach (Seen now in WithStreamTime(inputs))
        {
            JoinInput input = now.Input;
            int side = input.Topic;
            bool had = latest[side].TryGetValue(input.Key!, out (string? Value, long Timestamp) old);
            if (versioned[side] && (input.Timestamp < now.StreamTime - history || (had && input.Timestamp < old.Timestamp)))
                continue;
            latest[side][input.Key!] = (input.Value, input.Timestamp);
            (string? Value, long Timestamp) other = latest[1 - side].GetValueOrDefault(input.Key!);
            string? before = Result(side, old.Value, other.Value), after = Result(side, input.Value, other.Value);
            if (before is not null || after is not null || other.Value is not null)
                outputs.Add($"{input.Key} {after} {(other.Value is null ? input.Timestamp : Math.Max(input.Timestamp, other.Timestamp))}");
        }
        return outputs;

        string? Result(int side, string? self, string? other)
        {
            (string? a, string? b) = side == 0 ? (self, other) : (other, self);
            return kind switch { JoinKind.Inner => a != null && b != null, JoinKind.Left => a != null, _ => a != null || b != null } ? $"{a}+{b}" : null;
        }
    }

    private static List<Seen> WithStreamTime(List<JoinInput> inputs)
    {
        long streamTime = -1;
        return [.. inputs.Select((input, index) => new Seen(input, streamTime = Math.Max(streamTime, input.Timestamp), index))];
    }

    private static List<string> Run(List<JoinInput> inputs, long history, long? grace, bool left)
    {
        StreamsBuilder builder = new();
        KTable<string, string> table = builder.Table("in0", Texts, Kept(history));
        KStream<string, string> stream = builder.Stream("in1", Texts);
        Joined<string, string> joined = new(Serdes.String, Serdes.String) { GracePeriod = grace is { } wait ? TimeSpan.FromMilliseconds(wait) : null };
        (left ? stream.LeftJoin(table, (_, a, b) => $"{a}+{b}", joined) : stream.Join(table, (_, a, b) => $"{a}+{b}", joined)).To("out", TextsOut);
        return Run(builder, inputs);
    }

    private static List<string> Run(StreamsBuilder builder, List<JoinInput> inputs)
    {
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string>[] topics = [.. Enumerable.Range(0, 2).Select(topic => driver.CreateInputTopic($"in{topic}", Serdes.String, Serdes.String))];
        foreach (JoinInput input in inputs)
        {
            if (input.RestartBefore)
                driver.Restart();
            topics[input.Topic].PipeInput(input.Key, input.Value, input.Timestamp);
        }
        return [.. driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key} {record.Value} {record.Timestamp}")];
    }
}
