using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Input, output and internal topics that do not fit.</summary>
public abstract class TopicTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task A_missing_topic_is_one_plain_sentence()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);

        StreamsException missingInput = await Assert.ThrowsAsync<StreamsException>(() => Application.Start(Counter.Topology("nowhere", output), Options()).Run);
        StreamsException missingOutput = await Assert.ThrowsAsync<StreamsException>(() => Application.Start(Counter.Topology(input, "nowhere"), Options()).Run);

        Assert.Contains("The input topic 'nowhere' does not exist", missingInput.Message, StringComparison.Ordinal);
        Assert.Contains("The output topic 'nowhere'", missingOutput.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule23_inputs_that_share_state_must_have_equal_partition_counts()
    {
        string left = await Cluster.Topic("left", 2), right = await Cluster.Topic("right", 3);
        Topology topology = new();
        TopologyNode<string, string> a = topology.AddSource("a", Serdes.String, Serdes.String, left);
        TopologyNode<string, string> b = topology.AddSource("b", Serdes.String, Serdes.String, right);
        TopologyNode<string, long> counter = topology.AddProcessor("counter", () => new Counter(), a, b);
        topology.AddStateStore(Stores.KeyValueStore(Counter.Store, Serdes.String, Serdes.Long), counter);

        StreamsException exception = await Assert.ThrowsAsync<StreamsException>(() => Application.Start(topology, Options()).Run);

        Assert.Contains($"'{left}' and '{right}' share state but have 2 and 3 partitions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule21_a_partition_added_to_a_topic_in_use_is_reported()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        ClientConfig client = Cluster.Client;
        client.TopicMetadataRefreshIntervalMs = 500;
        SendCounts(input, 0, 100);
        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), Options() with { Client = client });
        await Cluster.ReadWhen(output, 100);

        await Cluster.AddPartitions(input, 3);

        StreamsException running = await Assert.ThrowsAsync<StreamsException>(() => application.Run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Contains($"Topic '{input}' had 2 partitions", running.Message, StringComparison.Ordinal);
        StreamsException restarted = await Assert.ThrowsAsync<StreamsException>(() => Application.Start(Counter.Topology(input, output), Options()).Run);
        Assert.Contains($"The input '{input}' has 3 partitions, the state in '{Cluster.Id}-counts-changelog' was kept for 2", restarted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule25_a_changelog_has_a_fixed_name_the_inputs_partitions_and_is_compacted()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);

        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), Options());

        Assert.Equal((3, "compact"), await Cluster.Describe($"{Cluster.Id}-counts-changelog"));
    }

    [Fact]
    public async Task Rule19_a_changelog_that_ends_in_aborted_records_and_markers_is_restored()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 100);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), Options()))
        {
            await Cluster.ReadWhen(output, 100);
            await first.Close();
        }
        using (IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(Cluster.Client) { TransactionalId = Cluster.Id }).Build())
        {
            producer.InitTransactions(TimeSpan.FromSeconds(30));
            producer.BeginTransaction();
            producer.Produce(new TopicPartition($"{Cluster.Id}-counts-changelog", 0), new Message<string, byte[]> { Key = "key-1", Value = [1, 2, 3] });
            producer.Flush(TimeSpan.FromSeconds(10));
            producer.AbortTransaction(TimeSpan.FromSeconds(10));
        }
        SendCounts(input, 100, 100);

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), Options());

        AssertCounts(await Cluster.ReadWhen(output, 200), 200);
    }
}

public sealed class TopicTestsOnAssay(AssayKafka kafka) : TopicTests(kafka);

public sealed class TopicTestsOnApacheKafka(ApacheKafka kafka) : TopicTests(kafka);
