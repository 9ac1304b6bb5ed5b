using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Transactions and producers as they are described and listed.</summary>
public sealed class TransactionAdminTests(Clusters clusters)
{
    [Theory, OnBoth]
    public async Task Transaction_is_described_from_its_identity_to_its_end(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client, timeoutMs: 12_345);

        DescribeTransactionsResponse.State empty = await producer.DescribeAsync();
        await producer.SendAsync(topic);
        DescribeTransactionsResponse.State open = await producer.DescribeAsync();
        await producer.EndAsync(commit: true);
        await producer.EndedAsync();
        DescribeTransactionsResponse.State ended = await producer.DescribeAsync();

        Assert.All([empty, open, ended], each => Assert.Equal(
            (KafkaError.None, producer.Id, producer.ProducerId, producer.Epoch, 12_345), (each.ErrorCode, each.TransactionalId, each.ProducerId, each.ProducerEpoch, each.TransactionTimeoutMs)));
        Assert.Equal(("Empty", "Ongoing", "CompleteCommit"), (empty.TransactionState, open.TransactionState, ended.TransactionState));
        Assert.Equal((0, topic, 0), (empty.Topics.Length, open.Topics.Single().Name, ended.Topics.Length));
        Assert.Equal((true, true), (empty.TransactionStartTimeMs < 0, open.TransactionStartTimeMs > Batch.DefaultTime));
    }

    [Theory, OnBoth("none", KafkaError.TransactionalIdNotFound), OnBoth("", KafkaError.InvalidRequest)]
    public async Task Transaction_that_is_not_there_is_not_described(Target target, string id, object error)
    {
        using Client client = await clusters.ConnectAsync(target);

        DescribeTransactionsResponse answer = await client.AskAsync<DescribeTransactionsResponse>(new DescribeTransactionsRequest { TransactionalIds = [id.Length == 0 ? "" : Client.NewName(id)] });

        Assert.Equal(error, answer.TransactionStates.Single().ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Transactions_are_listed_by_state_producer_and_duration(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Producer open = await Producer.StartAsync(client);
        await open.SendAsync(await client.TopicAsync());
        Producer idle = await Producer.StartAsync(client);

        async Task<string> ListAsync(ListTransactionsRequest request)
        {
            ListTransactionsResponse answer = await client.AskAsync<ListTransactionsResponse>(request);
            Assert.Equal(KafkaError.None, answer.ErrorCode);
            return string.Join(' ', answer.TransactionStates.Where(each => each.TransactionalId == open.Id || each.TransactionalId == idle.Id)
                .Select(each => (each.TransactionalId == open.Id ? "open " : "idle ") + each.TransactionState).Order().Concat(answer.UnknownStateFilters));
        }

        Assert.Equal("idle Empty open Ongoing", await ListAsync(new ListTransactionsRequest()));
        Assert.Equal("open Ongoing", await ListAsync(new ListTransactionsRequest { StateFilters = ["Ongoing"] }));
        Assert.Equal("idle Empty Nonsense", await ListAsync(new ListTransactionsRequest { StateFilters = ["Empty", "Nonsense"] }));
        Assert.Equal("open Ongoing", await ListAsync(new ListTransactionsRequest { ProducerIdFilters = [open.ProducerId, -7] }));
        // One that has not begun began before all others.
        Assert.Equal("idle Empty", await ListAsync(new ListTransactionsRequest { DurationFilter = 600_000 }));
        Assert.Equal("", await ListAsync(new ListTransactionsRequest { ProducerIdFilters = [idle.ProducerId], StateFilters = ["Ongoing"] }));
    }

    [Theory, OnBoth]
    public async Task Producers_of_a_partition_are_described(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await client.ProduceAsync(topic, new Batch());
        await producer.SendAsync(topic, records: 3);

        DescribeProducersResponse.PartitionResponse.ProducerState open = (await DescribeAsync(client, topic, 0)).ActiveProducers.Single();
        await producer.EndAsync(commit: true);
        await producer.EndedAsync();
        DescribeProducersResponse.PartitionResponse.ProducerState ended = (await DescribeAsync(client, topic, 0)).ActiveProducers.Single();

        Assert.Equal((producer.ProducerId, (int)producer.Epoch, 2, 1L), (open.ProducerId, open.ProducerEpoch, open.LastSequence, open.CurrentTxnStartOffset));
        Assert.Equal((2, -1L), (ended.LastSequence, ended.CurrentTxnStartOffset));
        Assert.True(ended.LastTimestamp > Batch.DefaultTime);
    }

    [Theory, OnBoth]
    public async Task Producers_of_what_is_not_there_are_not_described(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await DescribeAsync(client, topic, 4)).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await DescribeAsync(client, Client.NewName(), 0)).ErrorCode);
        Assert.Equal(KafkaError.InvalidTopic, (await DescribeAsync(client, "a b", 0)).ErrorCode);
    }

    private static async Task<DescribeProducersResponse.PartitionResponse> DescribeAsync(Client client, string topic, int partition) =>
        (await client.AskAsync<DescribeProducersResponse>(new DescribeProducersRequest { Topics = [new TopicPartitions { Name = topic, Partitions = [partition] }] })).Topics.Single().Partitions.Single();
}
