using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

public sealed class SuppressTests
{
    private const int Cases = 300;
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, string> Kept = new(Serdes.String, Serdes.String);

    public enum Kind
    {
        Time,
        Sliding,
        Session,
    }

    [Theory]
    [InlineData(Kind.Time)]
    [InlineData(Kind.Sliding)]
    [InlineData(Kind.Session)]
    public void Rule13_updates_held_back_until_windows_close_are_what_emitting_on_close_gives(Kind kind)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            TimeSpan size = TimeSpan.FromMilliseconds(random.Next(1, 30)), grace = TimeSpan.FromMilliseconds(random.Next(20));
            List<ModelInput> inputs = ModelInput.List(random, disorder: 50);

            List<string> expected = Run(inputs, kind, size, grace, suppress: false);
            List<string> actual = Run(inputs, kind, size, grace, suppress: true);

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}: size {size}, grace {grace}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    [Fact]
    public void Updates_held_back_for_a_time_are_what_the_model_says()
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            int limit = random.Next(30), most = random.Next(3) == 0 ? int.MaxValue : random.Next(1, 4);
            List<ModelInput> inputs = [.. ModelInput.List(random, disorder: 30).Select(input => input with { Value = random.Next(5) == 0 ? null! : input.Value })];
            StreamsBuilder builder = new();
            BufferConfig buffer = most == int.MaxValue ? BufferConfig.Unbounded() : BufferConfig.MaxRecords(most);
            builder.Table("in", Texts).Suppress(Suppressed.UntilTimeLimit(TimeSpan.FromMilliseconds(limit), buffer)).ToStream().To("out", new Produced<string, string>(Serdes.String, Serdes.String));
            using TopologyTestDriver driver = new(builder.Build());
            TestInputTopic<string, string> topic = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
            List<(string Key, long Time, string? Value, long Timestamp)> held = [];
            List<string> expected = [];
            long streamTime = -1;
            foreach (ModelInput input in inputs)
            {
                if (input.RestartBefore)
                    driver.Restart();
                topic.PipeInput(input.Key, input.Value, input.Timestamp);
                streamTime = Math.Max(streamTime, input.Timestamp);
                long time = held.Exists(update => update.Key == input.Key) ? held.Find(update => update.Key == input.Key).Time : input.Timestamp;
                held.RemoveAll(update => update.Key == input.Key);
                held.Add((input.Key, time, input.Value, input.Timestamp));
                held.Sort((x, y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : string.CompareOrdinal(x.Key, y.Key));
                while (held.Count > 0 && (held[0].Time + limit <= streamTime || held.Count > most))
                {
                    expected.Add($"{held[0].Key}={held[0].Value}@{held[0].Timestamp}");
                    held.RemoveAt(0);
                }
            }

            List<string> actual = [.. driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key}={record.Value}@{record.Timestamp}")];

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}: limit {limit}, most {most}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    [Fact]
    public void A_window_comes_out_by_stream_time_of_records_that_do_not_reach_the_buffer()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", Texts).Filter((_, value) => value != "tick").GroupByKey().WindowedBy(TimeWindows.OfSizeWithNoGrace(TimeSpan.FromMilliseconds(10)))
            .Reduce((result, value) => result + value, Kept).Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())).ToStream((_, _) => "").To("out", new Produced<string, string>(Serdes.String, Serdes.String));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        TestOutputTopic<string, string> output = driver.CreateOutputTopic("out", Serdes.String, Serdes.String);

        input.PipeInput("k", "a", 1);
        input.PipeInput("k", "tick", 9);
        driver.Restart();
        Assert.True(output.IsEmpty);
        input.PipeInput("k", "tick", 10);

        Assert.Equal("a", output.ReadValue());
    }

    [Fact]
    public void A_full_buffer_that_must_not_emit_early_stops_with_one_plain_sentence()
    {
        foreach (BufferConfig buffer in (BufferConfig[])[BufferConfig.MaxRecords(1).ShutDownWhenFull(), BufferConfig.Unbounded().WithMaxBytes(5)])
        {
            StreamsBuilder builder = new();
            builder.Table("in", Texts).Suppress(Suppressed.UntilTimeLimit(TimeSpan.FromHours(1), buffer) with { Name = "held" });
            using TopologyTestDriver driver = new(builder.Build());
            TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
            input.PipeInput("a", "11", 1);
            input.PipeInput("a", "22", 2);

            Assert.Equal("The buffer of 'held' is full with 2 records, " + (buffer == BufferConfig.Unbounded().WithMaxBytes(5) ? 6 : 0) + " bytes: raise its limit, or let it emit early when full.",
                Assert.Throws<StreamsException>(() => input.PipeInput("b", "22", 3)).Message);
        }
    }

    [Fact]
    public void What_cannot_be_held_back_is_one_plain_sentence()
    {
        Suppressed untilClose = Suppressed.UntilWindowCloses(BufferConfig.Unbounded());
        KTable<string, string> table = new StreamsBuilder().Table("in", Texts);

        Assert.Contains("has no windows", Assert.Throws<StreamsException>(() => table.Suppress(untilClose)).Message, StringComparison.Ordinal);
        Assert.Contains("can't be emitted early", Assert.Throws<StreamsException>(() => Suppressed.UntilWindowCloses(BufferConfig.MaxRecords(3))).Message, StringComparison.Ordinal);
        Assert.Contains("how to write these is not known", Assert.Throws<StreamsException>(() =>
            table.MapValues((_, value) => value).Suppress(Suppressed.UntilTimeLimit(TimeSpan.Zero, BufferConfig.Unbounded()))).Message, StringComparison.Ordinal);
    }

    private static List<string> Run(List<ModelInput> inputs, Kind kind, TimeSpan size, TimeSpan grace, bool suppress)
    {
        StreamsBuilder builder = new();
        KGroupedStream<string, string> group = builder.Stream("in", Texts).GroupByKey();
        EmitStrategy emit = suppress ? EmitStrategy.OnWindowUpdate : EmitStrategy.OnWindowClose;
        KTable<Windowed<string>, string> table = kind switch
        {
            Kind.Time => group.WindowedBy(TimeWindows.OfSizeAndGrace(size, grace)).EmitStrategy(emit).Reduce((result, value) => result + value, Kept),
            Kind.Sliding => group.WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(size, grace)).EmitStrategy(emit).Reduce((result, value) => result + value, Kept),
            _ => group.WindowedBy(SessionWindows.OfInactivityGapAndGrace(size, grace)).EmitStrategy(emit).Reduce((result, value) => result + value, Kept),
        };
        if (suppress)
            table = table.Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()));
        table.ToStream((key, _) => $"{key.Key} {key.Window.Start} {key.Window.End}").To("out", new Produced<string, string>(Serdes.String, Serdes.String));
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
}
