using Assay.Streams.RocksDb;
using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests.Runtime;

/// <summary>What must hold on every broker. Each class below it stands twice, on our broker and on Apache Kafka, and they run side by side: most of their time is waiting.</summary>
public abstract class RuntimeTests(IKafka kafka) : IAsyncLifetime
{
    private readonly RocksDbEngine _engine = new(memoryMegabytes: 8);
    private Cluster? _cluster;

    internal Cluster Cluster => _cluster!;

    /// <inheritdoc cref="IKafka.CommitsShowAtOnce"/>
    protected bool CommitsShowAtOnce => kafka.CommitsShowAtOnce;

    public async ValueTask InitializeAsync() => _cluster = new Cluster(await kafka.Bootstrap);

    /// <summary>What the test leaves on disk.</summary>
    protected TemporaryFolder Folder { get; } = new();

    public ValueTask DisposeAsync()
    {
        _cluster?.Dispose();
        _engine.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected StreamsOptions Options() => new()
    {
        ApplicationId = Cluster.Id,
        Client = Cluster.Client,
        SessionTimeout = TimeSpan.FromSeconds(6),
    };

    /// <summary>Options of an instance that has a name, so that its successor takes over at once.</summary>
    protected StreamsOptions Static() => Options() with { GroupInstanceId = "one" };

    /// <summary>Options with stores in an embedded database.</summary>
    protected StreamsOptions OnDisk() => Options() with { StoreEngine = _engine, StateDir = Folder["state"] };

    /// <summary>Sends records number <paramref name="first"/> and on; record i has key i % 50.</summary>
    protected void SendCounts(string topic, int first, int count)
    {
        for (int i = first; i < first + count; i++)
            Cluster.Send(topic, $"key-{i % 50}", $"{i}", 1_000_000 + i);
        Cluster.Flush();
    }

    /// <summary>Sends records 0 and on until told to stop, so that whatever happens meanwhile happens in mid-work; gives their number.</summary>
    protected Task<int> Feed(string topic, CancellationToken stop) => Feed([topic], stop);

    /// <summary>In turns, a record of each key to each topic.</summary>
    protected async Task<int> Feed(string[] topics, CancellationToken stop)
    {
        int sent = 0;
        while (!stop.IsCancellationRequested)
        {
            SendCounts(topics[sent / 50 % topics.Length], sent, 50);
            sent += 50;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
        return sent;
    }

    /// <summary>Counts; the key <c>block</c> sets <paramref name="blocked"/> and waits for <paramref name="released"/>, if there is one.</summary>
    protected static Topology Blocking(string input, string output, ManualResetEventSlim blocked, ManualResetEventSlim? released)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        TopologyNode<string, string> blocker = topology.AddProcessor("blocker", () => new Each<string, string, string, string>((record, context) =>
        {
            if (record.Key == "block" && released is not null)
            {
                blocked.Set();
                Assert.True(released.Wait(TimeSpan.FromSeconds(90)));
            }
            context.Forward(record);
        }), source);
        TopologyNode<string, long> counter = topology.AddProcessor("counter", () => new Counter(), blocker);
        topology.AddStateStore(Stores.KeyValueStore(Counter.Store, Serdes.String, Serdes.Long), counter);
        return topology.AddSink("sink", output, Serdes.String, Serdes.Long, counter);
    }

    /// <summary>Each key counted 1, 2, 3 and so on: nothing missing, nothing twice, in order.</summary>
    internal static void AssertCounts(List<Seen> seen, int total)
    {
        Assert.Equal(total, seen.Count);
        foreach (IGrouping<string?, Seen> key in seen.GroupBy(record => record.Key))
            Assert.Equal(Enumerable.Range(1, total / 50).Select(count => (long)count), key.Select(record => record.Number));
    }
}
