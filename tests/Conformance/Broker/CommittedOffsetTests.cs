using System.Text;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Offsets that groups commit, fetch and drop.</summary>
public sealed class CommittedOffsetTests(Clusters clusters)
{
    [Theory, OnBoth]
    public async Task Offsets_are_kept_for_a_group_without_members(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        string group = Client.NewName("group");

        Assert.Equal(KafkaError.None, await new Member(client, group).CommitAsync(topic, 5));

        Assert.Equal([(0, 5L, KafkaError.None), (1, -1L, KafkaError.None)], await FetchAsync(client, group, topic, 0, 1));
        Assert.Equal([(0, 5L, KafkaError.None)], await FetchAsync(client, group, null));
        Assert.Equal("Empty", await new Member(client, group).StateAsync());
    }

    [Theory, OnBoth]
    public async Task Metadata_and_epoch_come_back(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        string group = Client.NewName("group");

        await CommitAsync(client, group, topic, new OffsetCommitRequest.Partition { CommittedOffset = 5, CommittedLeaderEpoch = 3, CommittedMetadata = "where I was" });
        OffsetFetchResponse answer = await client.AskAsync<OffsetFetchResponse>(
            new OffsetFetchRequest { Groups = [new OffsetFetchRequest.Group { GroupId = group }] });

        OffsetFetchResponse.Partition offset = answer.Groups[0].Topics.Single().Partitions.Single();
        Assert.Equal((5L, 3, "where I was"), (offset.CommittedOffset, offset.CommittedLeaderEpoch, offset.Metadata));
    }

    [Theory, OnBoth]
    public async Task Partition_that_was_not_committed_has_no_offset(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string nowhere = Client.NewName();

        Assert.Equal([(0, -1L, KafkaError.None)], await FetchAsync(client, Client.NewName("group"), nowhere, 0));
        Assert.Empty(await FetchAsync(client, Client.NewName("group"), null));
    }

    [Theory, OnBoth]
    public async Task Offset_that_cannot_be_is_refused_and_the_others_are_kept(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        string group = Client.NewName("group");

        KafkaError[] errors = await CommitAsync(
            client,
            group,
            topic,
            new OffsetCommitRequest.Partition { PartitionIndex = 0, CommittedOffset = 1, CommittedMetadata = new string('m', 4_097) },
            new OffsetCommitRequest.Partition { PartitionIndex = 1, CommittedOffset = 2, CommittedMetadata = new string('m', 4_096) },
            new OffsetCommitRequest.Partition { PartitionIndex = 9, CommittedOffset = 3 });

        Assert.Equal([KafkaError.OffsetMetadataTooLarge, KafkaError.None, KafkaError.UnknownTopicOrPartition], errors);
        Assert.Equal([(0, -1L, KafkaError.None), (1, 2L, KafkaError.None)], await FetchAsync(client, group, topic, 0, 1));
    }

    [Theory, OnBoth]
    public async Task Strangers_commit_to_a_group_with_members_is_refused(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member settled = await Member.SettleAsync(client, Client.NewName("group"));

        Assert.Equal(KafkaError.UnknownMemberId, await new Member(client, settled.Group).CommitAsync(topic, 1));
        Assert.Equal(KafkaError.None, await settled.CommitAsync(topic, 2));
        Assert.Equal([(0, 2L, KafkaError.None)], await FetchAsync(client, settled.Group, topic, 0));
    }

    [Theory, OnBoth]
    public async Task Generation_of_a_group_that_is_empty_is_none_to_commit_in(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member left = await Member.SettleAsync(client, Client.NewName("group"));
        await left.LeaveAsync();

        Assert.Equal(KafkaError.UnknownMemberId, await left.CommitAsync(topic, 1));
        Assert.Equal(KafkaError.None, await new Member(client, left.Group).CommitAsync(topic, 1));
    }

    [Theory, OnBoth]
    public async Task Several_groups_are_asked_for_at_once(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        string[] groups = [Client.NewName("group"), Client.NewName("group")];
        for (int index = 0; index < 2; index++)
            await new Member(client, groups[index]).CommitAsync(topic, index);

        OffsetFetchResponse answer = await client.AskAsync<OffsetFetchResponse>(
            new OffsetFetchRequest { Groups = [.. groups.Select(group => new OffsetFetchRequest.Group { GroupId = group })] });

        Assert.Equal(
            [(groups[0], 0L), (groups[1], 1L)],
            answer.Groups.OrderBy(each => Array.IndexOf(groups, each.GroupId)).Select(each => (each.GroupId, each.Topics[0].Partitions[0].CommittedOffset)));
    }

    [Theory, OnBoth]
    public async Task Group_whose_name_is_empty_keeps_offsets_too(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Assert.Equal(KafkaError.None, await new Member(client, "").CommitAsync(topic, 4));

        Assert.Equal([(0, 4L, KafkaError.None)], await FetchAsync(client, "", topic, 0));
    }

    [Theory, OnBoth]
    public async Task Offsets_are_dropped_on_request(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        string group = Client.NewName("group");
        await CommitAsync(client, group, topic, new OffsetCommitRequest.Partition { CommittedOffset = 1 }, new OffsetCommitRequest.Partition { PartitionIndex = 1, CommittedOffset = 2 });

        OffsetDeleteResponse answer = await DropAsync(client, group, topic, 0, 7);

        Assert.Equal(KafkaError.None, answer.ErrorCode);
        Assert.Equal(
            [(0, KafkaError.None), (7, KafkaError.UnknownTopicOrPartition)],
            answer.Topics.SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => (each.PartitionIndex, each.ErrorCode)));
        Assert.Equal([(1, 2L, KafkaError.None)], await FetchAsync(client, group, null));
        Assert.Equal(KafkaError.GroupIdNotFound, (await DropAsync(client, Client.NewName("group"), topic, 0)).ErrorCode);
    }

    [Theory]
    [OnBoth("consumer", true, true, KafkaError.None, KafkaError.GroupSubscribedToTopic)]
    [OnBoth("consumer", true, false, KafkaError.None, KafkaError.None)]
    [OnBoth("consumer", false, false, KafkaError.None, KafkaError.GroupSubscribedToTopic)]
    [OnBoth("connect", true, false, KafkaError.NonEmptyGroup, KafkaError.None)]
    public async Task Offsets_of_a_group_with_members_are_dropped_where_it_is_known_not_to_read_the_topic(
        Target target, string type, bool readable, bool subscribed, object error, object partitionError)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member member = new(client, Client.NewName("group")) { ProtocolType = type, Metadata = readable ? Subscription(subscribed ? topic : "another") : [1] };
        await member.JoinAsync();
        await member.SyncAsync(member);

        OffsetDeleteResponse answer = await DropAsync(client, member.Group, topic, 0);

        Assert.Equal(error, answer.ErrorCode);
        if (answer.ErrorCode == KafkaError.None)
            Assert.Equal(partitionError, answer.Topics[0].Partitions[0].ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Offsets_go_with_their_topic(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        string group = Client.NewName("group");
        await new Member(client, group).CommitAsync(topic, 5);

        await client.AskAsync<DeleteTopicsResponse>(new DeleteTopicsRequest { TimeoutMs = 10_000, Topics = [new DeleteTopicsRequest.DeleteTopicState { Name = topic }] });

        await Eventually.True(async () => (await FetchAsync(client, group, null)).Count == 0, "the offset is gone");
    }

    private static async Task<List<(int Partition, long Offset, KafkaError Error)>> FetchAsync(Client client, string group, string? topic, params int[] partitions)
    {
        OffsetFetchResponse answer = await client.AskAsync<OffsetFetchResponse>(new OffsetFetchRequest
        {
            Groups = [new OffsetFetchRequest.Group { GroupId = group, Topics = topic is null ? null : [new TopicPartitions { Name = topic, Partitions = partitions }] }],
        });
        Assert.Equal((group, KafkaError.None), (answer.Groups.Single().GroupId, answer.Groups[0].ErrorCode));
        return [.. answer.Groups[0].Topics.SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => (each.PartitionIndex, each.CommittedOffset, each.ErrorCode))];
    }

    private static async Task<KafkaError[]> CommitAsync(Client client, string group, string topic, params OffsetCommitRequest.Partition[] partitions) =>
        [.. (await client.AskAsync<OffsetCommitResponse>(new OffsetCommitRequest
        {
            GroupId = group, Topics = [new TopicOf<OffsetCommitRequest.Partition> { Name = topic, Partitions = partitions }],
        })).Topics.SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => each.ErrorCode)];

    private static Task<OffsetDeleteResponse> DropAsync(Client client, string group, string topic, params int[] partitions) =>
        client.AskAsync<OffsetDeleteResponse>(new OffsetDeleteRequest { GroupId = group, Topics = [new TopicPartitions { Name = topic, Partitions = partitions }] });

    /// <summary>A consumer's subscription, version 0: a list of topics, no data of its own.</summary>
    private static byte[] Subscription(string topic) => [0, 0, 0, 0, 0, 1, 0, (byte)topic.Length, .. Encoding.ASCII.GetBytes(topic), 0xff, 0xff, 0xff, 0xff];
}
