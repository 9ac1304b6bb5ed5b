using System.Text;
using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Instances killed, frozen, fenced and failing.</summary>
public abstract class FaultTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task Rule06_a_killed_instance_leaves_nothing_half_done()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);
        using CancellationTokenSource enough = new();
        Task<int> feeding = Feed(input, enough.Token);
        for (int kill = 0; kill < 3; kill++)
        {
            Application application = await Application.StartAndWait(Counter.Topology(input, output), Static());
            int before = Cluster.ReadAll(output).Count;
            await Eventually.True(() => Cluster.ReadAll(output).Count > before, "more is committed");
            application.Kill();
            await application.DisposeAsync();
        }
        await using Application last = await Application.StartAndWait(Counter.Topology(input, output), Static());
        await enough.CancelAsync();
        int sent = await feeding;

        AssertCounts(await Cluster.ReadWhen(output, sent), sent);
    }

    [Fact]
    public async Task Rule06_an_open_transaction_of_a_killed_instance_is_not_seen_and_its_work_is_done_again()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        Application killed = await Application.StartAndWait(Counter.Topology(input, output), Static() with { CommitInterval = TimeSpan.FromHours(1) });
        // Sent when the linger time was over, and not committed for an hour.
        await Eventually.True(() => Cluster.End(output, 0) > 0, "outputs are in the log");
        Assert.Empty(Cluster.ReadAll(output));
        killed.Kill();
        await killed.DisposeAsync();

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), Static());

        AssertCounts(await Cluster.ReadWhen(output, 500), 500);
    }

    [Fact]
    public async Task Rule05_a_zombie_commits_nothing_after_others_took_its_partitions()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        using ManualResetEventSlim blocked = new(), released = new();
        StreamsOptions options = Options() with { MaxPollInterval = TimeSpan.FromSeconds(6), CommitInterval = TimeSpan.FromMilliseconds(50) };
        await using Application zombie = await Application.StartAndWait(Blocking(input, output, blocked, released), options);
        SendCounts(input, 0, 1000);
        Cluster.Send(input, "block", "block", 2_000_000, partition: 0);
        Cluster.Flush();
        await Eventually.True(() => blocked.IsSet, "the first instance blocks in a processor");

        // Held longer than the poll interval: the group drops the first instance and gives its partitions away.
        await using Application heir = Application.Start(Blocking(input, output, blocked, released: null), options);
        await Cluster.ReadWhen(output, 1001);
        SendCounts(input, 1000, 500);
        await Cluster.ReadWhen(output, 1501);
        released.Set();
        SendCounts(input, 1500, 500);

        List<Seen> seen = await Cluster.ReadWhen(output, 2001);
        AssertCounts([.. seen.Where(record => record.Key != "block")], 2000);
        Assert.Single(seen, record => record.Key == "block");
        await zombie.Running();
    }

    [Fact]
    public async Task Rule04_partitions_move_between_instances_in_mid_work_and_nothing_is_lost_or_doubled()
    {
        string input = await Cluster.Topic("in", 4), output = await Cluster.Topic("out", 1);
        using CancellationTokenSource enough = new();
        Task<int> feeding = Feed(input, enough.Token);
        await using Application first = await Application.StartAndWait(Counter.Topology(input, output), Options());
        for (int round = 0; round < 2; round++)
        {
            await using Application second = Application.Start(Counter.Topology(input, output), Options() with { NumStreamThreads = 2 });
            await second.Running();
            int before = Cluster.ReadAll(output).Count;
            await Eventually.True(() => Cluster.ReadAll(output).Count > before, "both work");
            await second.Close();
        }
        await first.Running();
        await enough.CancelAsync();
        int sent = await feeding;

        AssertCounts(await Cluster.ReadWhen(output, sent), sent);
    }

    [Fact]
    public async Task Aborted_transactions_are_not_seen()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        using (IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig(Cluster.Client) { TransactionalId = Cluster.Id }).Build())
        {
            producer.InitTransactions(TimeSpan.FromSeconds(30));
            for (int i = 0; i < 6; i++)
            {
                producer.BeginTransaction();
                producer.Produce(input, new Message<string, string> { Key = i % 2 == 0 ? "committed" : "aborted", Value = $"{i}" });
                producer.Flush(TimeSpan.FromSeconds(10));
                if (i % 2 == 0)
                    producer.CommitTransaction(TimeSpan.FromSeconds(10));
                else
                    producer.AbortTransaction(TimeSpan.FromSeconds(10));
            }
        }

        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), Options());

        Assert.Equal(["committed", "committed", "committed"], (await Cluster.ReadWhen(output, 3)).Select(record => record.Key));
        // Markers take offsets: the end is behind the last one.
        await Eventually.True(async () => await Cluster.Committed(Cluster.Id, input, 0) == Cluster.End(input, 0), "the commit has passed the last marker");
    }

    [Fact]
    public async Task Rule02_a_dead_lettered_record_is_committed_with_its_letter()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1), dead = await Cluster.Topic("dead", 1);
        Cluster.Send(input, "k", "bad", 5);
        Cluster.Flush();
        ToTopic handler = new(dead);
        await using Application application = await Application.StartAndWait(
            Failing(input, output), Options() with { ProcessingExceptionHandler = handler, DeserializationExceptionHandler = handler });

        Seen letter = Assert.Single(await Cluster.ReadWhen(dead, 1));
        Assert.Equal("bad", letter.Text);
        Assert.Equal($"{input}-0@0", Encoding.UTF8.GetString(letter.Headers.GetLastBytes("origin")));
        await Eventually.True(async () => await Cluster.Committed(Cluster.Id, input, 0) == 1, "the bad record is committed");
        Cluster.Send(input, "k", "good", 6);
        Cluster.Flush();
        Assert.Equal("good", Assert.Single(await Cluster.ReadWhen(output, 1)).Text);
    }

    [Fact]
    public async Task Rule26_a_dead_thread_stops_the_application_with_its_sentence()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        List<StreamsState> states = [];
        await using Application application = Application.Start(Failing(input, output), Options() with { NumStreamThreads = 2 });
        application.Streams.StateChanged += (state, _) => states.Add(state);
        Cluster.Send(input, "k", "bad", 5);
        Cluster.Flush();

        StreamsException exception = await Assert.ThrowsAsync<StreamsException>(() => application.Run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        Assert.Contains("failed in 'failing'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(StreamsState.Error, application.Streams.State);
        Assert.Equal([StreamsState.PendingError, StreamsState.Error], states[^2..]);
        Assert.Equal(-1, await Cluster.Committed(Cluster.Id, input, 0));
    }

    [Fact]
    public async Task At_least_once_processes_and_commits_too()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);
        StreamsOptions options = Options() with { ProcessingGuarantee = ProcessingGuarantee.AtLeastOnce };
        SendCounts(input, 0, 500);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), options))
        {
            await Cluster.ReadWhen(output, 500);
            await first.Close();
        }
        SendCounts(input, 500, 500);

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), options);

        AssertCounts(await Cluster.ReadWhen(output, 1000), 1000);
    }

    private static Topology Failing(string input, string output)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        TopologyNode<string, string> failing = topology.AddProcessor("failing", () => new Each<string, string, string, string>((record, context) =>
        {
            if (record.Value == "bad")
                throw new InvalidOperationException("bad record");
            context.Forward(record);
        }), source);
        return topology.AddSink("sink", output, Serdes.String, Serdes.String, failing);
    }

    private sealed class ToTopic(string topic) : IExceptionHandler
    {
        public ErrorResponse Handle(ErrorContext context, Exception exception)
        {
            RecordMetadata source = context.Source!.Value;
            Headers headers = [new Header("origin", Encoding.UTF8.GetBytes($"{source.Topic}-{source.Partition}@{source.Offset}"))];
            return ErrorResponse.DeadLetter(new DeadLetterRecord(topic, context.SourceKey, context.SourceValue, context.SourceTimestamp, headers));
        }
    }
}

public sealed class FaultTestsOnAssay(AssayKafka kafka) : FaultTests(kafka);

public sealed class FaultTestsOnApacheKafka(ApacheKafka kafka) : FaultTests(kafka);
