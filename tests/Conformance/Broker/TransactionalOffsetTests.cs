using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Offsets that are committed in a transaction.</summary>
public sealed class TransactionalOffsetTests(Clusters clusters)
{
    [Theory, OnBoth(true), OnBoth(false)]
    public async Task Offsets_count_once_their_transaction_is_committed_and_never_if_it_is_aborted(Target target, bool commit)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        string group = Client.NewName("group");
        await new Member(client, group).CommitAsync(topic, 1);
        Producer producer = await Producer.StartAsync(client);

        Assert.Equal(KafkaError.None, await CommitAsync(client, producer, group, topic, 5));

        Assert.Equal((1L, KafkaError.None), await FetchAsync(client, group, topic, stable: false));
        Assert.Equal((-1L, KafkaError.UnstableOffsetCommit), await FetchAsync(client, group, topic, stable: true));
        Assert.Equal(KafkaError.None, await producer.EndAsync(commit));
        await Eventually.True(async () => await FetchAsync(client, group, topic, stable: true) == (commit ? 5 : 1, KafkaError.None), "the offset is settled");
    }

    [Theory, OnBoth((short)3, KafkaError.InvalidTransactionState), OnBoth((short)4, KafkaError.TransactionAbortable)]
    public async Task Offsets_of_a_group_that_was_not_added_are_refused(Target target, short version, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        string group = Client.NewName("group");
        Producer producer = await Producer.StartAsync(client);

        Assert.Equal(error, Error(await client.AskAsync<TxnOffsetCommitResponse>(producer.OffsetsRequest(group, topic, 5), version)));
        Assert.Equal((-1L, KafkaError.None), await FetchAsync(client, group, topic, stable: true));
    }

    /// <summary>Consumers that lost their partitions, and what their producer is told.</summary>
    [Theory]
    [OnBoth("", "", 0, KafkaError.None)]
    [OnBoth("nobody", "", 0, KafkaError.UnknownMemberId)]
    [OnBoth("", "", 1, KafkaError.IllegalGeneration)]
    [OnBoth("", "", -1, KafkaError.IllegalGeneration)]
    [OnBoth("", "two", 0, KafkaError.UnknownMemberId)]
    [OnBoth("nobody", "one", 0, KafkaError.FencedInstanceId)]
    public async Task Offsets_of_a_consumer_that_is_no_longer_the_groups_are_refused(Target target, string member, string instance, int generationDelta, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member settled = await Member.SettleAsync(client, Client.NewName("group"), "one");
        Producer producer = await Producer.StartAsync(client);
        await AddAsync(client, producer, settled.Group);
        TxnOffsetCommitRequest request = producer.OffsetsRequest(settled.Group, topic, 5, settled);
        request.MemberId = member.Length > 0 ? member : settled.Id;
        request.GroupInstanceId = instance.Length > 0 ? instance : null;
        request.GenerationId += generationDelta;

        Assert.Equal(error, Error(await client.AskAsync<TxnOffsetCommitResponse>(request)));
    }

    [Theory, OnBoth]
    public async Task Offsets_without_a_consumer_are_taken_for_any_group(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member settled = await Member.SettleAsync(client, Client.NewName("group"));
        Producer producer = await Producer.StartAsync(client);

        Assert.Equal(KafkaError.None, await CommitAsync(client, producer, settled.Group, topic, 5));
        Assert.Equal(KafkaError.None, await CommitAsync(client, producer, Client.NewName("group"), topic, 5));
    }

    [Theory, OnBoth]
    public async Task Offsets_of_a_fenced_producer_are_refused(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        string group = Client.NewName("group");
        Producer old = await Producer.StartAsync(client);
        await CommitAsync(client, old, group, topic, 5);
        await Producer.StartAsync(client, old.Id);

        Assert.Equal(KafkaError.InvalidProducerEpoch, Error(await client.AskAsync<TxnOffsetCommitResponse>(old.OffsetsRequest(group, topic, 6))));
        Assert.Equal((-1L, KafkaError.None), await FetchAsync(client, group, topic, stable: true));
    }

    [Theory, OnBoth]
    public async Task Offset_that_cannot_be_is_refused_and_the_others_are_taken(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        string group = Client.NewName("group");
        Producer producer = await Producer.StartAsync(client);
        await AddAsync(client, producer, group);
        TxnOffsetCommitRequest request = producer.OffsetsRequest(group, topic, 5);
        request.Topics[0].Partitions =
        [
            new TxnOffsetCommitRequest.Partition { CommittedOffset = 5 },
            new TxnOffsetCommitRequest.Partition { PartitionIndex = 1, CommittedOffset = 5, CommittedMetadata = new string('m', 4_097) },
            new TxnOffsetCommitRequest.Partition { PartitionIndex = 8, CommittedOffset = 5 },
        ];

        TxnOffsetCommitResponse answer = await client.AskAsync<TxnOffsetCommitResponse>(request);

        Assert.Equal(
            [KafkaError.None, KafkaError.OffsetMetadataTooLarge, KafkaError.UnknownTopicOrPartition],
            answer.Topics.SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => each.ErrorCode));
    }

    [Theory, OnBoth]
    public async Task Group_without_a_name_cannot_be_added(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Producer producer = await Producer.StartAsync(client);

        Assert.Equal(KafkaError.None, (await client.AskAsync<AddOffsetsToTxnResponse>(producer.AddGroupRequest(""))).ErrorCode);
    }

    private static KafkaError Error(TxnOffsetCommitResponse answer) => answer.Topics.Single().Partitions.Single().ErrorCode;

    private static async Task AddAsync(Client client, Producer producer, string group) =>
        Assert.Equal(KafkaError.None, (await client.AskAsync<AddOffsetsToTxnResponse>(producer.AddGroupRequest(group))).ErrorCode);

    private static async Task<KafkaError> CommitAsync(Client client, Producer producer, string group, string topic, long offset)
    {
        await AddAsync(client, producer, group);
        return Error(await client.AskAsync<TxnOffsetCommitResponse>(producer.OffsetsRequest(group, topic, offset)));
    }

    private static async Task<(long Offset, KafkaError Error)> FetchAsync(Client client, string group, string topic, bool stable)
    {
        OffsetFetchResponse answer = await client.AskAsync<OffsetFetchResponse>(new OffsetFetchRequest
        {
            RequireStable = stable, Groups = [new OffsetFetchRequest.Group { GroupId = group, Topics = [new TopicPartitions { Name = topic, Partitions = [0] }] }],
        });
        OffsetFetchResponse.Partition partition = answer.Groups.Single().Topics.Single().Partitions.Single();
        return (partition.CommittedOffset, partition.ErrorCode);
    }
}
