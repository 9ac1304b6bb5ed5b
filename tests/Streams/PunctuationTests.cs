using Assay.Streams.Testing;
using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests;

public sealed class PunctuationTests
{
    [Fact]
    public void Rule14_stream_time_punctuation_keeps_its_anchor_and_catches_up_once()
    {
        List<long> fired = [];
        using TopologyTestDriver driver = new(Punctuating(PunctuationType.StreamTime, TimeSpan.FromMilliseconds(10), fired));
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        foreach (long time in (long[])[103, 104, 109, 110, 137, 139, 120, 140])
            input.PipeInput("k", "v", time);

        // The first record is due at once; then at the multiples of ten, once for 110, once for the three up to 137, once for 140.
        Assert.Equal([103, 110, 137, 140], fired);
    }

    [Fact]
    public void Rule14_wall_clock_punctuation_keeps_its_anchor_and_catches_up_once()
    {
        List<long> fired = [];
        using TopologyTestDriver driver = new(Punctuating(PunctuationType.WallClockTime, TimeSpan.FromMilliseconds(10), fired), initialWallClock: DateTimeOffset.FromUnixTimeMilliseconds(1003));

        foreach (int step in (int[])[9, 1, 3, 25, 2])
            driver.AdvanceWallClockTime(TimeSpan.FromMilliseconds(step));

        Assert.Equal([1013, 1041, 1043], fired);
    }

    [Fact]
    public void Rule14_a_restart_does_not_fire_again_what_has_fired()
    {
        List<long> fired = [];
        using TopologyTestDriver driver = new(Punctuating(PunctuationType.StreamTime, TimeSpan.FromMilliseconds(10), fired));
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        input.PipeInput("k", "v", 101);

        driver.Restart();
        input.PipeInput("k", "v", 102);
        input.PipeInput("k", "v", 111);

        Assert.Equal([101, 111], fired);
    }

    [Fact]
    public void A_disposed_punctuation_fires_no_more_even_from_within_itself()
    {
        int fired = 0;
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, "in");
        topology.AddProcessor("p", () => new Each<string, string, string, string>((_, _) => { }, context =>
        {
            IDisposable? schedule = null;
            schedule = context.Schedule(TimeSpan.FromMilliseconds(1), PunctuationType.StreamTime, _ =>
            {
                fired++;
                schedule!.Dispose();
            });
        }), source);
        using TopologyTestDriver driver = new(topology);
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "v", 1);
        input.PipeInput("k", "v", 20);

        Assert.Equal(1, fired);
    }

    [Fact]
    public void A_punctuator_forwards_without_a_source()
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, "in");
        TopologyNode<string, string> p = topology.AddProcessor("p", () => new Each<string, string, string, string>((_, _) => { }, context =>
            context.Schedule(TimeSpan.FromSeconds(1), PunctuationType.WallClockTime, now => context.Forward(new("tick", context.RecordMetadata is null ? "none" : "some", now)))), source);
        topology.AddSink("sink", "out", Serdes.String, Serdes.String, p);
        using TopologyTestDriver driver = new(topology);

        driver.AdvanceWallClockTime(TimeSpan.FromSeconds(1));

        Assert.Equal(new Record<string, string>("tick", "none", 1000), driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecord());
    }

    private static Topology Punctuating(PunctuationType type, TimeSpan interval, List<long> fired)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, "in");
        topology.AddProcessor("p", () => new Each<string, string, string, string>((_, _) => { }, context => context.Schedule(interval, type, fired.Add)), source);
        return topology;
    }
}
