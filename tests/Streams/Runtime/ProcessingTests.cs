using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests.Runtime;

/// <summary>What a running topology does, without faults.</summary>
public abstract class ProcessingTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task A_topology_runs_exactly_once_and_commits_the_end_of_its_input()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 2);
        SendCounts(input, 0, 1000);
        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), Options());

        List<Seen> seen = await Cluster.ReadWhen(output, 1000);

        AssertCounts(seen, 1000);
        await Eventually.True(async () =>
        {
            for (int partition = 0; partition < 3; partition++)
            {
                if (await Cluster.Committed(Cluster.Id, input, partition) != Cluster.End(input, partition))
                    return false;
            }
            return true;
        }, "the group has committed the end of every input partition");
    }

    [Fact]
    public async Task A_restart_restores_stores()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), Options()))
        {
            await Cluster.ReadWhen(output, 500);
            await first.Close();
            Assert.Equal(StreamsState.NotRunning, first.Streams.State);
        }
        SendCounts(input, 500, 500);

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), Options());

        AssertCounts(await Cluster.ReadWhen(output, 1000), 1000);
    }

    [Fact]
    public async Task Rule09_stream_time_survives_a_restart()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        Topology topology = StreamTimes(input, output);
        Cluster.Send(input, "k", "v", 5_000);
        Cluster.Send(input, "k", "v", 3_000);
        Cluster.Flush();
        await using (Application first = await Application.StartAndWait(topology, Options()))
        {
            await Cluster.ReadWhen(output, 2);
            await first.Close();
        }
        Cluster.Send(input, "k", "v", 4_000);
        Cluster.Flush();

        await using Application second = await Application.StartAndWait(topology, Options());

        Assert.Equal(["5000", "5000", "5000"], (await Cluster.ReadWhen(output, 3)).Select(record => record.Text));
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(10)] // Less than what is fetched at once: partitions pause and resume.
    public async Task Rule10_inputs_meet_in_the_order_of_their_timestamps(int buffered)
    {
        string left = await Cluster.Topic("left", 2), right = await Cluster.Topic("right", 2), output = await Cluster.Topic("out", 1);
        for (int i = 0; i < 3000; i++)
        {
            // Same partition, interleaved times; the left side has many more records before the right side's first.
            Cluster.Send(i % 3 == 0 ? right : left, "k", $"{i}", 1000 + i, partition: 1);
        }
        Cluster.Flush();
        Topology topology = new();
        TopologyNode<string, string> a = topology.AddSource("a", Serdes.String, Serdes.String, left);
        TopologyNode<string, string> b = topology.AddSource("b", Serdes.String, Serdes.String, right);
        topology.AddSink("sink", output, Serdes.String, Serdes.String, topology.AddProcessor("both", () => new Each<string, string, string, string>((record, context) => context.Forward(record)), a, b));

        await using Application application = await Application.StartAndWait(topology, Options() with { BufferedRecordsPerPartition = buffered });

        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"{i}"), (await Cluster.ReadWhen(output, 3000)).Select(record => record.Text));
    }

    [Fact]
    public async Task Rule01_what_waits_in_a_queue_is_not_committed()
    {
        string left = await Cluster.Topic("left", 1), right = await Cluster.Topic("right", 1), output = await Cluster.Topic("out", 1);
        Topology topology = new();
        TopologyNode<string, string> a = topology.AddSource("a", Serdes.String, Serdes.String, left);
        TopologyNode<string, string> b = topology.AddSource("b", Serdes.String, Serdes.String, right);
        topology.AddSink("sink", output, Serdes.String, Serdes.String, topology.AddProcessor("both", () => new Each<string, string, string, string>((record, context) => context.Forward(record)), a, b));
        for (int i = 0; i < 10; i++)
            Cluster.Send(left, "k", $"{i}", 100 + i);
        Cluster.Send(right, "k", "right", 105);
        Cluster.Flush();

        await using Application application = await Application.StartAndWait(topology, Options() with { MaxTaskIdle = TimeSpan.FromHours(1) });

        // 100 to 105 on the left and the one on the right have had their turn; then the right side is empty, and the left waits for it.
        await Cluster.ReadWhen(output, 7);
        await Eventually.True(async () => await Cluster.Committed(Cluster.Id, right, 0) == 1, "the right side is committed");
        Assert.Equal(6, await Cluster.Committed(Cluster.Id, left, 0));
        await application.Close();
        Assert.Equal(6, await Cluster.Committed(Cluster.Id, left, 0));
    }

    [Fact]
    public async Task Punctuators_fire_by_both_clocks()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        TopologyNode<string, string> ticker = topology.AddProcessor("ticker", () => new Each<string, string, string, string>((_, _) => { }, context =>
        {
            context.Schedule(TimeSpan.FromSeconds(10), PunctuationType.StreamTime, time => context.Forward(new("stream", $"{time}", time)));
            IDisposable? wall = null;
            wall = context.Schedule(TimeSpan.FromMilliseconds(50), PunctuationType.WallClockTime, _ =>
            {
                context.Forward(new("wall", "tick", 0));
                wall!.Dispose();
            });
        }), source);
        topology.AddSink("sink", output, Serdes.String, Serdes.String, ticker);
        await using Application application = await Application.StartAndWait(topology, Options());
        foreach (long time in (long[])[12_345, 12_346, 20_001, 51_000])
            Cluster.Send(input, "k", "v", time);
        Cluster.Flush();

        List<Seen> seen = await Cluster.ReadWhen(output, 4);

        Assert.Equal(["12345", "20001", "51000"], seen.Where(record => record.Key == "stream").Select(record => record.Text));
        Assert.Single(seen, record => record.Key == "wall");
    }

    /// <summary>Forwards the stream time as each record sees it.</summary>
    private static Topology StreamTimes(string input, string output)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        TopologyNode<string, string> times = topology.AddProcessor("times", () => new Each<string, string, string, string>(
            (record, context) => context.Forward(record.WithValue($"{context.CurrentStreamTime}"))), source);
        return topology.AddSink("sink", output, Serdes.String, Serdes.String, times);
    }
}

public sealed class ProcessingTestsOnAssay(AssayKafka kafka) : ProcessingTests(kafka);

public sealed class ProcessingTestsOnApacheKafka(ApacheKafka kafka) : ProcessingTests(kafka);
