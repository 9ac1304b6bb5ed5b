using Assay.Streams.Internal.Kafka;
using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>When offsets and stores are committed, and what a commit that fails leaves.</summary>
public abstract class CommitTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Theory]
    [InlineData(ProcessingGuarantee.ExactlyOnceV2)]
    [InlineData(ProcessingGuarantee.AtLeastOnce)]
    public async Task Rule03_and_rule18_a_record_that_is_not_delivered_keeps_back_all_offsets_of_its_commit(ProcessingGuarantee guarantee)
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1, ("max.message.bytes", "200000"));
        for (int i = 0; i < 1000; i++)
        {
            // Rule 18: this one fails among a thousand, on the client's own thread.
            Cluster.Send(input, "k", i == 500 ? new string('x', 500_000) : $"{i}", i);
        }
        Cluster.Flush();
        // Only the last record asks for a commit, so all thousand share each that is tried.
        await using Application application = Application.Start(
            Copying(input, output, commitAt: "999"), Options() with { ProcessingGuarantee = guarantee, CommitInterval = TimeSpan.FromHours(1) });

        StreamsException exception = await Assert.ThrowsAsync<StreamsException>(() => application.Run.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken));

        Assert.Contains("cannot commit", exception.Message, StringComparison.Ordinal);
        Assert.Equal(-1, await Cluster.Committed(Cluster.Id, input, 0));
        if (guarantee == ProcessingGuarantee.ExactlyOnceV2)
            Assert.Empty(Cluster.ReadAll(output));
    }

    [Fact]
    public async Task Rule07_a_transaction_that_the_broker_has_ended_is_done_again_by_the_same_instance()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        using ManualResetEventSlim blocked = new(), released = new();
        using RecordingLog log = new();
        await using Application application = Application.Start(
            Blocking(input, output, blocked, released), Options() with { TransactionTimeout = TimeSpan.FromSeconds(1), CommitInterval = TimeSpan.FromMilliseconds(500) }, log);
        SendCounts(input, 0, 500);
        Cluster.Send(input, "block", "block", 2_000_000, partition: 0);
        Cluster.Flush();
        await Eventually.True(() => blocked.IsSet, "a processor blocks");
        // What it had sent is in the log; the broker tires of waiting for its commit.
        await Eventually.True(() => Cluster.End(output, 0) > 0 && Cluster.Stable(output, 0) == Cluster.End(output, 0), "no transaction is open", TimeSpan.FromSeconds(60));
        released.Set();
        SendCounts(input, 500, 500);

        List<Seen> seen = await Cluster.ReadWhen(output, 1001);

        AssertCounts([.. seen.Where(record => record.Key != "block")], 1000);
        Assert.Contains(log.Lines, line => line.Text.Contains("is undone and done again", StringComparison.Ordinal));
        await application.Running();
    }

    [Fact]
    public async Task Rule05_offsets_are_committed_by_members_of_the_group_only()
    {
        string input = await Cluster.Topic("in", 1), group = $"{Cluster.Id}-group";
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(Cluster.Client) { TransactionalId = group }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        // As a member is between the group's dropping it and its own hearing of that: without a generation, which Kafka itself does not mind.
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig(Cluster.Client) { GroupId = group }).Build();
        producer.BeginTransaction();

        Assert.Throws<KafkaTxnRequiresAbortException>(() => NativeCommit.InTransaction(
            ClientHandle.Of(producer), ClientHandle.Of(consumer), [new CommitOffset(input, 0, 7, PartitionTime: 1)], TimeSpan.FromSeconds(10)));

        producer.AbortTransaction(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_application_that_is_closed_as_it_starts_ends_in_order()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        using ManualResetEventSlim blocked = new(), released = new();
        for (int i = 0; i < 10; i++)
        {
            using KafkaStreams streams = new(Blocking(input, output, blocked, released), Options(), TestLoggers.Factory, TimeProvider.System);
            await streams.StartAsync(TestContext.Current.CancellationToken);

            Assert.True(await streams.CloseAsync(TimeSpan.FromSeconds(30)));
            Assert.Equal(StreamsState.NotRunning, streams.State);
        }
    }

    [Fact]
    public async Task An_application_that_cannot_close_is_left_within_ten_seconds()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        using ManualResetEventSlim blocked = new(), released = new();
        Application application = Application.Start(Blocking(input, output, blocked, released), Options());
        Cluster.Send(input, "block", "block", 1000, partition: 0);
        Cluster.Flush();
        await Eventually.True(() => blocked.IsSet, "a processor blocks");
        long began = TimeProvider.System.GetTimestamp();

        await application.DisposeAsync();

        TimeSpan took = TimeProvider.System.GetElapsedTime(began);
        released.Set();
        Assert.InRange(took, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Rule20_a_thread_that_restores_for_longer_than_its_poll_interval_stays_in_the_group()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        const int keys = 7_000;
        for (int i = 0; i < keys; i++)
            Cluster.Send(input, $"{i}", "v", i);
        Cluster.Flush();
        await using (Application first = await Application.StartAndWait(SlowlyRestored(input, output), Options()))
        {
            await Cluster.ReadWhen(output, keys);
            await first.Close();
        }
        Cluster.Send(input, "0", "v", keys);
        Cluster.Flush();
        using RecordingLog log = new();
        using ManualResetEventSlim never = new();
        List<StreamsState> states = [];

        await using Application second = Application.Start(SlowlyRestored(input, output, never), Options() with { MaxPollInterval = TimeSpan.FromSeconds(6) }, log);
        second.Streams.StateChanged += (state, _) => states.Add(state);
        await second.Running();

        Assert.Equal(2, (await Cluster.ReadWhen(output, keys + 1)).Last(record => record.Key == "0").Number);
        Assert.DoesNotContain(log.Lines, line => line.Text.Contains("were lost", StringComparison.Ordinal));
        // Rule 26: all that time it was seen to be restoring.
        Assert.Equal([StreamsState.Running], states.Where(state => state != StreamsState.Rebalancing));
    }

    private static Topology Copying(string input, string output, string commitAt)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        return topology.AddSink("sink", output, Serdes.String, Serdes.String, topology.AddProcessor("copy", () => new Each<string, string, string, string>((record, context) =>
        {
            context.Forward(record);
            if (record.Value == commitAt)
                context.Commit();
        }), source));
    }

    /// <summary>Counts; with <paramref name="never"/>, reading a count takes a millisecond or more.</summary>
    private static Topology SlowlyRestored(string input, string output, ManualResetEventSlim? never = null)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        TopologyNode<string, long> counter = topology.AddProcessor("counter", () => new Counter(), source);
        topology.AddStateStore(Stores.KeyValueStore(Counter.Store, Serdes.String, never is null ? Serdes.Long : new Slow(never)), counter);
        return topology.AddSink("sink", output, Serdes.String, Serdes.Long, counter);
    }

    private sealed class Slow(ManualResetEventSlim never) : ISerde<long>
    {
        public void Serialize(long value, System.Buffers.IBufferWriter<byte> to, in SerdeContext context) => Serdes.Long.Serialize(value, to, in context);

        public long Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
        {
            never.Wait(TimeSpan.FromMilliseconds(1));
            return Serdes.Long.Deserialize(bytes, in context);
        }
    }
}

public sealed class CommitTestsOnAssay(AssayKafka kafka) : CommitTests(kafka);

public sealed class CommitTestsOnApacheKafka(ApacheKafka kafka) : CommitTests(kafka);
