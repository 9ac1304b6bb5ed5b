using System.Collections.Concurrent;
using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Instances that come and go.</summary>
public abstract class ScalingTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task Rule23_instances_come_and_go_under_load_and_what_is_joined_stays_together()
    {
        string left = await Cluster.Topic("left", 4), right = await Cluster.Topic("right", 4), output = await Cluster.Topic("out", 2);
        using CancellationTokenSource enough = new();
        Task<int> feeding = Feed([left, right], enough.Token);
        await using Application first = await Application.StartAndWait(Counter.Topology([left, right], output), Options());
        for (int round = 0; round < 2; round++)
        {
            await using Application second = Application.Start(Counter.Topology([left, right], output), Options());
            await using Application third = Application.Start(Counter.Topology([left, right], output), Options() with { NumStreamThreads = 2 });
            await second.Running();
            await third.Running();
            await Grown(output);
            await second.Close();
            await third.Close();
        }
        await Grown(output);
        await enough.CancelAsync();
        int sent = await feeding;

        AssertCounts(await Cluster.ReadWhen(output, sent), sent);
        Assert.Equal(sent, await CommittedOf(left) + await CommittedOf(right));
    }

    [Fact]
    public async Task Tasks_that_stay_run_on_while_others_move()
    {
        string input = await Cluster.Topic("in", 4), output = await Cluster.Topic("out", 1);
        ConcurrentQueue<TaskId> started = [];
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        TopologyNode<string, string> each = topology.AddProcessor("each", () => new Each<string, string, string, string>(
            (record, context) => context.Forward(record), context => started.Enqueue(context.TaskId)), source);
        topology.AddSink("sink", output, Serdes.String, Serdes.String, each);
        await using Application first = await Application.StartAndWait(topology, Options());
        Assert.Equal(4, started.Count);

        await using Application second = Application.Start(topology, Options());
        await Eventually.True(() => started.Count >= 6, "two tasks have moved");
        await second.Running();
        await first.Running();

        Assert.Equal(6, started.Count);
        Assert.Equal(2, started.Skip(4).Distinct().Count());
    }

    [Fact]
    public async Task Two_threads_are_running_within_three_seconds_of_the_start()
    {
        string input = await Cluster.Topic("in", 4), output = await Cluster.Topic("out", 1);
        // Creates what only the first start creates.
        await using (Application warm = await Application.StartAndWait(Counter.Topology(input, output), Options()))
            await warm.Close();
        ConcurrentQueue<(StreamsState State, long At)> states = [];
        long begin = TimeProvider.System.GetTimestamp();
        await using Application application = Application.Start(Counter.Topology(input, output), Options() with { NumStreamThreads = 2 });
        application.Streams.StateChanged += (state, _) => states.Enqueue((state, TimeProvider.System.GetTimestamp()));

        await application.Running();

        TimeSpan took = TimeProvider.System.GetElapsedTime(begin);
        TestContext.Current.TestOutputHelper?.WriteLine($"Running after {took.TotalMilliseconds:0} ms: {string.Join(", ", states.Select(state => state.State))}");
        Assert.True(took < TimeSpan.FromSeconds(3), $"It took {took}.");
    }

    /// <summary>Waits until more is committed than is now.</summary>
    private async Task Grown(string output)
    {
        int before = Cluster.ReadAll(output).Count;
        await Eventually.True(() => Cluster.ReadAll(output).Count > before + 200, "all work", TimeSpan.FromSeconds(60));
    }

    /// <summary>The sum of a topic's committed offsets.</summary>
    private async Task<long> CommittedOf(string topic)
    {
        long sum = 0;
        for (int partition = 0; partition < 4; partition++)
            sum += await Cluster.Committed(Cluster.Id, topic, partition);
        return sum;
    }
}

public sealed class ScalingTestsOnAssay(AssayKafka kafka) : ScalingTests(kafka);

public sealed class ScalingTestsOnApacheKafka(ApacheKafka kafka) : ScalingTests(kafka);
