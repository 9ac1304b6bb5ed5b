using Assay.Broker.Internal.Storage;
using Assay.Broker.Tests.Support;
using Confluent.Kafka;

namespace Assay.Conformance.Tests.Broker;

/// <summary>What only a whole client shows: codecs, consumers that hand partitions over, records and offsets in one transaction.</summary>
public sealed class LibrdkafkaTests(Clusters clusters)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory, OnBoth]
    public Task Records_of_every_codec_come_back(Target target) => Task.WhenAll(Enum.GetValues<CompressionType>().Select(codec => Task.Run(async () =>
    {
        string bootstrap = await clusters.BootstrapAsync(target);
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = bootstrap, EnableIdempotence = true, CompressionType = codec, LingerMs = 5,
        }).SetLogHandler((_, _) => { }).Build();
        List<string> values = [.. Enumerable.Range(0, 50).Select(index => $"{new string('v', 100)} {index}")];

        await Task.WhenAll(values.Select(value => producer.ProduceAsync(topic, new Message<string, string> { Key = value, Value = value })));

        Assert.Equal(values, Consumers.Read(bootstrap, topic, values.Count, Client.NewName("group")).Select(result => result.Message.Value));
        List<BatchHeader> batches = (await client.FetchAsync(Records.Read(topic, 0))).Batches();
        Assert.All(batches, batch => Assert.Equal((int)codec, batch.Compression));
    })));

    [Theory, OnBoth]
    public async Task Cooperative_consumers_hand_over_some_partitions_and_keep_the_others(Target target)
    {
        string bootstrap = await clusters.BootstrapAsync(target);
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(4);
        string group = Client.NewName("group");
        List<int> revoked = [];
        using IConsumer<string, string> first = Cooperative(bootstrap, group, revoked);
        first.Subscribe(topic);
        await Eventually.True(() => Poll(first).Assignment.Count == 4, "the first consumer has all partitions", Bound);

        using IConsumer<string, string> second = Cooperative(bootstrap, group, []);
        second.Subscribe(topic);
        await Eventually.True(() => Poll(first).Assignment.Count + Poll(second).Assignment.Count == 4 && second.Assignment.Count == 2, "each has two", Bound);

        Assert.Equal(2, revoked.Count);
        Assert.Equal(Enumerable.Range(0, 4), first.Assignment.Concat(second.Assignment).Select(partition => partition.Partition.Value).Order());
        second.Close();
        await Eventually.True(() => Poll(first).Assignment.Count == 4, "the first has all again", Bound);
        Assert.Equal(2, revoked.Count);
        first.Close();
    }

    [Theory, OnBoth]
    public async Task Records_and_offsets_of_one_transaction_count_together(Target target)
    {
        string bootstrap = await clusters.BootstrapAsync(target);
        using Client client = await clusters.ConnectAsync(target);
        string input = await client.TopicAsync();
        string output = await client.TopicAsync();
        string group = Client.NewName("group");
        await client.ProduceAsync(input, new Batch { Records = 2 });
        using IConsumer<string, string> consumer = Consumers.Make(bootstrap, group, IsolationLevel.ReadCommitted);
        consumer.Subscribe(input);
        ConsumeResult<string, string>? read = null;
        await Eventually.True(() => (read = consumer.Consume(TimeSpan.FromMilliseconds(50))) is not null, "a record is read", Bound);
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = bootstrap, TransactionalId = Client.NewName("transaction"),
        }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Bound);

        foreach (bool commit in (bool[])[false, true])
        {
            producer.BeginTransaction();
            producer.Produce(output, new Message<string, string> { Value = commit ? "committed" : "aborted" });
            producer.SendOffsetsToTransaction([new TopicPartitionOffset(read!.TopicPartition, read.Offset + (commit ? 1 : 2))], consumer.ConsumerGroupMetadata, Bound);
            if (commit)
                producer.CommitTransaction(Bound);
            else
                producer.AbortTransaction(Bound);
        }

        Assert.Equal(["committed"], Consumers.Read(bootstrap, output, 1, Client.NewName("group")).Select(result => result.Message.Value));
        Assert.Equal(1, consumer.Committed([read!.TopicPartition], Bound).Single().Offset.Value);
        consumer.Close();
    }

    private static IConsumer<string, string> Cooperative(string bootstrap, string group, List<int> revoked) => new ConsumerBuilder<string, string>(new ConsumerConfig
    {
        BootstrapServers = bootstrap,
        GroupId = group,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        HeartbeatIntervalMs = 100,
        AutoOffsetReset = AutoOffsetReset.Earliest,
    }).SetLogHandler((_, _) => { }).SetPartitionsRevokedHandler((_, partitions) => revoked.AddRange(partitions.Select(partition => partition.Partition.Value))).Build();

    private static IConsumer<string, string> Poll(IConsumer<string, string> consumer)
    {
        consumer.Consume(TimeSpan.FromMilliseconds(20));
        return consumer;
    }
}
