using Assay.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>librdkafka through Confluent.Kafka: what every part of Assay uses.</summary>
public sealed class ConfluentClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private KafkaBroker _broker = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions { DefaultPartitions = 3 }, ct: Ct);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Lz4)]
    public void Idempotent_producer_writes_in_order_and_a_group_reads_all(CompressionType compression)
    {
        using (IProducer<string, string> producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = _broker.Bootstrap, EnableIdempotence = true, CompressionType = compression }).SetLogHandler((_, _) => { }).Build())
        {
            for (int index = 0; index < 1000; index++)
                producer.Produce("numbers", new Message<string, string> { Key = $"{index % 7}", Value = $"{index}" });
            Assert.Equal(0, producer.Flush(Bound));
        }

        List<ConsumeResult<string, string>> read = Consumers.Read(_broker.Bootstrap, "numbers", 1000);

        Assert.Equal(Enumerable.Range(0, 1000).Select(index => $"{index}").Order(), read.Select(result => result.Message.Value).Order());
        foreach (IGrouping<string, ConsumeResult<string, string>> key in read.GroupBy(result => result.Message.Key))
            Assert.Equal(key.Select(result => int.Parse(result.Message.Value)).Order(), key.Select(result => int.Parse(result.Message.Value)));
    }

    [Fact]
    public async Task Readers_of_committed_records_see_committed_transactions_only()
    {
        await CreateAsync("ledger", 1);
        using IProducer<string, string> producer = Transactional("writer");
        producer.InitTransactions(Bound);
        foreach ((string value, bool commit) in ((string, bool)[])[("first", true), ("dropped", false), ("second", true)])
        {
            producer.BeginTransaction();
            producer.Produce("ledger", new Message<string, string> { Value = value });
            if (commit)
                producer.CommitTransaction(Bound);
            else
            {
                producer.Flush(Bound);
                producer.AbortTransaction(Bound);
            }
        }
        producer.BeginTransaction();
        producer.Produce("ledger", new Message<string, string> { Value = "open" });
        producer.Flush(Bound);

        Assert.Equal(["first", "second"], Consumers.Read(_broker.Bootstrap, "ledger", 3, seconds: 2).Select(result => result.Message.Value));
        Assert.Equal(["first", "dropped", "second", "open"],
            Consumers.Read(_broker.Bootstrap, "ledger", 4, group: "dirty", isolation: IsolationLevel.ReadUncommitted).Select(result => result.Message.Value));
        producer.CommitTransaction(Bound);
        Assert.Equal(["first", "second", "open"], Consumers.Read(_broker.Bootstrap, "ledger", 3, group: "later").Select(result => result.Message.Value));
    }

    [Fact]
    public async Task New_producer_of_a_transactional_id_fences_the_old_one_and_aborts_what_it_left()
    {
        await CreateAsync("fenced", 1);
        using IProducer<string, string> old = Transactional("same");
        old.InitTransactions(Bound);
        old.BeginTransaction();
        old.Produce("fenced", new Message<string, string> { Value = "zombie" });
        old.Flush(Bound);

        using IProducer<string, string> successor = Transactional("same");
        successor.InitTransactions(Bound);
        successor.BeginTransaction();
        successor.Produce("fenced", new Message<string, string> { Value = "rightful" });
        successor.CommitTransaction(Bound);

        KafkaException fenced = Assert.ThrowsAny<KafkaException>(() => old.CommitTransaction(Bound));
        Assert.True(fenced.Error.IsFatal, fenced.Error.ToString());
        Assert.Equal(["rightful"], Consumers.Read(_broker.Bootstrap, "fenced", 2, seconds: 2).Select(result => result.Message.Value));
    }

    [Fact]
    public async Task Transaction_that_takes_too_long_is_aborted()
    {
        await CreateAsync("slow", 1);
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = _broker.Bootstrap, TransactionalId = "slow", TransactionTimeoutMs = 1000, SocketTimeoutMs = 1000, MessageTimeoutMs = 1000 }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Bound);
        producer.BeginTransaction();
        producer.Produce("slow", new Message<string, string> { Value = "too late" });
        producer.Flush(Bound);
        using IConsumer<string, string> consumer = Consumers.Make(_broker.Bootstrap, "slow-readers", IsolationLevel.ReadCommitted);
        consumer.Assign(new TopicPartitionOffset("slow", 0, 0));

        // The last stable offset passes the transaction once it is aborted.
        await Eventually.True(
            () => consumer.Consume(TimeSpan.Zero) is null && consumer.QueryWatermarkOffsets(new TopicPartition("slow", 0), Bound).High == 2
                && consumer.GetWatermarkOffsets(new TopicPartition("slow", 0)).High == 2, "the abort marker is written");
        Assert.ThrowsAny<KafkaException>(() => producer.CommitTransaction(Bound));
    }

    [Fact]
    public async Task Offsets_of_a_transaction_are_committed_with_it_and_dropped_with_it()
    {
        await CreateAsync("input", 1);
        await CreateAsync("output", 1);
        using (IProducer<string, string> plain = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build())
            for (int index = 0; index < 4; index++)
                await plain.ProduceAsync("input", new Message<string, string> { Value = $"{index}" }, Ct);
        using IConsumer<string, string> consumer = Consumers.Make(_broker.Bootstrap, "copiers", IsolationLevel.ReadCommitted);
        consumer.Subscribe("input");
        await Eventually.True(() => consumer.Consume(TimeSpan.FromMilliseconds(100)) is not null, "the consumer reads its input");
        using IProducer<string, string> producer = Transactional("copier");
        producer.InitTransactions(Bound);

        producer.BeginTransaction();
        producer.Produce("output", new Message<string, string> { Value = "0" });
        producer.SendOffsetsToTransaction([new TopicPartitionOffset("input", 0, 1)], consumer.ConsumerGroupMetadata, Bound);
        producer.CommitTransaction(Bound);
        Assert.Equal(1, Committed(consumer));

        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset("input", 0, 3)], consumer.ConsumerGroupMetadata, Bound);
        producer.AbortTransaction(Bound);
        Assert.Equal(1, Committed(consumer));

        consumer.Close();
        producer.BeginTransaction();
        KafkaException left = Assert.ThrowsAny<KafkaException>(() => producer.SendOffsetsToTransaction([new TopicPartitionOffset("input", 0, 4)], Metadata(), Bound));
        Assert.NotEqual(ErrorCode.NoError, left.Error.Code);

        long Committed(IConsumer<string, string> of) => of.Committed([new TopicPartition("input", 0)], Bound)[0].Offset.Value;

        // The metadata of a member that another group member has never been: fenced by the group.
        IConsumerGroupMetadata Metadata()
        {
            using IConsumer<string, string> other = Consumers.Make(_broker.Bootstrap, "copiers", IsolationLevel.ReadCommitted);
            other.Subscribe("input");
            DateTimeOffset until = TimeProvider.System.GetUtcNow() + Bound;
            while (other.Assignment.Count == 0 && TimeProvider.System.GetUtcNow() < until)
                other.Consume(TimeSpan.FromMilliseconds(100));
            IConsumerGroupMetadata metadata = other.ConsumerGroupMetadata;
            other.Close();
            return metadata;
        }
    }

    [Theory]
    [InlineData(PartitionAssignmentStrategy.Range)]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky)]
    public async Task Partitions_are_shared_when_a_member_comes_and_taken_over_when_it_goes(PartitionAssignmentStrategy strategy)
    {
        await CreateAsync("shared", 4);
        using IConsumer<string, string> first = Member("first");
        first.Subscribe("shared");
        await Eventually.True(() => Poll(first) && first.Assignment.Count == 4, "the only member has all partitions");

        using (IConsumer<string, string> second = Member("second"))
        {
            second.Subscribe("shared");
            await Eventually.True(
                () => Poll(first) && Poll(second) && first.Assignment.Count == 2 && second.Assignment.Count == 2, "two members have two partitions each");
            Assert.Empty(first.Assignment.Intersect(second.Assignment));
            second.Close();
        }

        await Eventually.True(() => Poll(first) && first.Assignment.Count == 4, "the one that stays has all again");

        IConsumer<string, string> Member(string client) => new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = _broker.Bootstrap, ClientId = client, GroupId = "sharers", PartitionAssignmentStrategy = strategy, HeartbeatIntervalMs = 200, SessionTimeoutMs = 6000,
        }).SetLogHandler((_, _) => { }).Build();

        static bool Poll(IConsumer<string, string> consumer)
        {
            consumer.Consume(TimeSpan.FromMilliseconds(20));
            return true;
        }
    }

    [Fact]
    public async Task Member_that_falls_silent_loses_its_partitions()
    {
        await CreateAsync("silent", 2);
        using RawClient client = await RawClient.ConnectAsync(_broker);
        Internal.Messages.JoinGroupRequest join = new()
        {
            GroupId = "silence", SessionTimeoutMs = 1_000, RebalanceTimeoutMs = 1_000, ProtocolType = "consumer",
            Protocols = [new Internal.Messages.JoinGroupRequest.Protocol { Name = "range" }],
        };
        await client.AskAsync<Internal.Messages.JoinGroupResponse>(11, 3, join);

        using IConsumer<string, string> consumer = Consumers.Make(_broker.Bootstrap, "silence", IsolationLevel.ReadCommitted);
        consumer.Subscribe("silent");

        await Eventually.True(
            () =>
            {
                consumer.Consume(TimeSpan.FromMilliseconds(20));
                return consumer.Assignment.Count == 2;
            },
            "the member that is there has all partitions");
    }

    [Fact]
    public async Task Clients_are_told_the_port_that_is_advertised()
    {
        int listens = FreePort.Lasting();
        await using TcpRelay relay = new(listens);
        await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { Port = listens, AdvertisedPort = relay.Port }, ct: Ct);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = $"127.0.0.1:{listens}" }).SetLogHandler((_, _) => { }).Build();

        Assert.Equal(relay.Port, Assert.Single(admin.GetMetadata(Bound).Brokers).Port);
        Assert.Equal($"127.0.0.1:{relay.Port}", broker.Bootstrap);
    }

    [Fact]
    public async Task Administration_does_what_it_says()
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        ConfigResource topic = new() { Type = ResourceType.Topic, Name = "managed" };
        await admin.CreateTopicsAsync([new TopicSpecification { Name = "managed", NumPartitions = 2, Configs = new() { ["retention.ms"] = "5000" } }]);
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "managed", IncreaseTo = 3 }]);
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [topic] = [new ConfigEntry { Name = "cleanup.policy", Value = "compact", IncrementalOperation = AlterConfigOpType.Append }],
        });

        Dictionary<string, ConfigEntryResult> settings = (await admin.DescribeConfigsAsync([topic]))[0].Entries;
        Metadata metadata = admin.GetMetadata("managed", Bound);
        CreateTopicsException again = await Assert.ThrowsAsync<CreateTopicsException>(() => admin.CreateTopicsAsync([new TopicSpecification { Name = "managed" }]));
        CreateTopicsException wrong = await Assert.ThrowsAsync<CreateTopicsException>(
            () => admin.CreateTopicsAsync([new TopicSpecification { Name = "wrong", Configs = new() { ["retention.ms"] = "soon" } }]));

        Assert.Equal(("5000", "delete,compact"), (settings["retention.ms"].Value, settings["cleanup.policy"].Value));
        Assert.Equal(3, metadata.Topics[0].Partitions.Count);
        Assert.Equal(ErrorCode.TopicAlreadyExists, again.Results[0].Error.Code);
        Assert.Equal(ErrorCode.InvalidConfig, wrong.Results[0].Error.Code);
        await admin.DeleteTopicsAsync(["managed"]);
        Assert.DoesNotContain(admin.GetMetadata(Bound).Topics, each => each.Topic == "managed");
    }

    [Fact]
    public async Task Groups_and_their_offsets_are_listed_altered_and_deleted()
    {
        await CreateAsync("grouped", 1);
        using (IProducer<string, string> plain = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build())
            for (int index = 0; index < 5; index++)
                await plain.ProduceAsync("grouped", new Message<string, string> { Value = $"{index}", Timestamp = new Timestamp(1000 + index, TimestampType.CreateTime) }, Ct);
        using (IConsumer<string, string> consumer = Consumers.Make(_broker.Bootstrap, "members", IsolationLevel.ReadCommitted))
        {
            consumer.Subscribe("grouped");
            ConsumeResult<string, string>? last = null;
            await Eventually.True(() => (last = consumer.Consume(TimeSpan.FromMilliseconds(50))) is not null, "a record comes");
            consumer.Commit(last!);
            Assert.Equal(3, consumer.OffsetsForTimes([new TopicPartitionTimestamp("grouped", 0, new Timestamp(1003, TimestampType.CreateTime))], Bound)[0].Offset.Value);
            consumer.Close();
        }
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();

        Assert.Contains((await admin.ListConsumerGroupsAsync()).Valid, group => group.GroupId == "members");
        Assert.Equal(ConsumerGroupState.Empty, (await admin.DescribeConsumerGroupsAsync(["members"])).ConsumerGroupDescriptions[0].State);
        await admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets("members", [new TopicPartitionOffset("grouped", 0, 4)])]);
        Assert.Equal(4, (await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions("members", null)]))[0].Partitions[0].Offset.Value);
        await admin.DeleteRecordsAsync([new TopicPartitionOffset("grouped", 0, 2)]);
        Assert.Equal("2", Consumers.Read(_broker.Bootstrap, "grouped", 1, group: "after-deletion")[0].Message.Value);
        await admin.DeleteGroupsAsync(["members"]);
        Assert.DoesNotContain((await admin.ListConsumerGroupsAsync()).Valid, group => group.GroupId == "members");
    }

    private IProducer<string, string> Transactional(string id) =>
        new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _broker.Bootstrap, TransactionalId = id, LingerMs = 0 }).SetLogHandler((_, _) => { }).Build();

    private async Task CreateAsync(string topic, int partitions)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions }]);
    }
}
