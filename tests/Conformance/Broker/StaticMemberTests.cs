using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Members that are known by an instance id (KIP-345).</summary>
public sealed class StaticMemberTests(Clusters clusters)
{
    [Theory, OnBoth]
    public async Task Static_member_joins_without_coming_back(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group")) { InstanceId = "one" };

        JoinGroupResponse answer = await client.AskAsync<JoinGroupResponse>(member.JoinRequest());

        Assert.Equal((KafkaError.None, 1, "one"), (answer.ErrorCode, answer.GenerationId, answer.Members.Single().GroupInstanceId));
        Assert.StartsWith("one-", answer.MemberId, StringComparison.Ordinal);
    }

    [Theory, OnBoth]
    public async Task Leader_that_comes_back_keeps_its_generation_and_skips_the_assignment(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member before = await Member.SettleAsync(client, Client.NewName("group"), "one");
        Member after = new(client, before.Group) { InstanceId = "one" };

        JoinGroupResponse joined = await after.JoinAsync();

        Assert.Equal((KafkaError.None, 1, true, after.Id, 1), (joined.ErrorCode, joined.GenerationId, joined.SkipAssignment, joined.Leader, joined.Members.Length));
        Assert.NotEqual(before.Id, after.Id);
        Assert.Equal([1], (await after.SyncAsync()).Assignment);
    }

    [Theory, OnBoth]
    public async Task Leader_that_comes_back_in_an_older_version_is_shown_the_leader_it_was(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member before = await Member.SettleAsync(client, Client.NewName("group"), "one");

        JoinGroupResponse joined = await client.AskAsync<JoinGroupResponse>(new Member(client, before.Group) { InstanceId = "one" }.JoinRequest(), 8);

        Assert.Equal((KafkaError.None, 1, before.Id, 0), (joined.ErrorCode, joined.GenerationId, joined.Leader, joined.Members.Length));
        Assert.NotEqual(before.Id, joined.MemberId);
    }

    [Theory, OnBoth]
    public async Task Member_that_was_replaced_is_fenced_in_every_request(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member before = await Member.SettleAsync(client, Client.NewName("group"), "one");
        Member after = new(client, before.Group) { InstanceId = "one" };
        await after.JoinAsync();

        Assert.Equal(KafkaError.FencedInstanceId, await before.HeartbeatAsync());
        Assert.Equal(KafkaError.FencedInstanceId, (await before.SyncAsync()).ErrorCode);
        Assert.Equal(KafkaError.FencedInstanceId, await before.CommitAsync(topic, 1));
        Assert.Equal(KafkaError.FencedInstanceId, await before.LeaveAsync());
        Assert.Equal(KafkaError.FencedInstanceId, (await before.JoinAsync()).ErrorCode);
        Assert.Equal(KafkaError.None, await after.HeartbeatAsync());
    }

    [Theory, OnBoth]
    public async Task Instance_that_is_not_there_is_unknown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member known = await Member.SettleAsync(client, Client.NewName("group"), "one");
        Member other = new(client, known.Group) { InstanceId = "two", Id = known.Id, Generation = known.Generation };

        Assert.Equal(KafkaError.UnknownMemberId, await other.HeartbeatAsync());
        Assert.Equal(KafkaError.UnknownMemberId, (await other.SyncAsync()).ErrorCode);
        Assert.Equal(KafkaError.UnknownMemberId, await other.CommitAsync(topic, 1));
        Assert.Equal(KafkaError.UnknownMemberId, await other.LeaveAsync());
        Assert.Equal(KafkaError.UnknownMemberId, (await other.JoinAsync()).ErrorCode);
    }

    [Theory, OnBoth("range", 1, KafkaError.None), OnBoth("sticky", 2, KafkaError.None), OnBoth("other", -1, KafkaError.InconsistentGroupProtocol)]
    public async Task Member_that_comes_back_brings_a_new_generation_where_the_group_needs_another_protocol(Target target, string protocol, int generation, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member before = new(client, Client.NewName("group")) { InstanceId = "one", Protocols = ["range", "sticky"] };
        await before.JoinAsync();
        await before.SyncAsync(before);

        JoinGroupResponse joined = await new Member(client, before.Group) { InstanceId = "one", Metadata = [1, 2], Protocols = [protocol] }.JoinAsync();

        Assert.Equal((error, generation, generation == 1), (joined.ErrorCode, joined.GenerationId, joined.SkipAssignment));
    }

    [Theory, OnBoth]
    public async Task Member_may_be_put_out_by_its_instance_alone(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = await Member.SettleAsync(client, Client.NewName("group"), "one");

        LeaveGroupResponse answer = await client.AskAsync<LeaveGroupResponse>(new LeaveGroupRequest
        {
            GroupId = member.Group,
            Members = [new LeaveGroupRequest.MemberIdentity { GroupInstanceId = "one" }, new LeaveGroupRequest.MemberIdentity { GroupInstanceId = "two" }],
        });

        Assert.Equal(
            [("one", KafkaError.None), ("two", KafkaError.UnknownMemberId)], answer.Members.OrderBy(each => each.GroupInstanceId).Select(each => (each.GroupInstanceId!, each.ErrorCode)));
        Assert.Equal("Empty", await member.StateAsync());
    }

    [Theory, OnBoth]
    public async Task Static_follower_that_comes_back_disturbs_nobody(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        Member leader = await Member.SettleAsync(one, Client.NewName("group"));
        Member follower = new(two, leader.Group) { InstanceId = "two" };
        Task<JoinGroupResponse> joining = follower.JoinAsync();
        await Eventually.True(async () => await leader.HeartbeatAsync() == KafkaError.RebalanceInProgress, "the group rebalances");
        await leader.JoinAsync();
        await joining;
        Task<SyncGroupResponse> syncing = follower.SyncAsync();
        await leader.SyncAsync(leader, follower);
        await syncing;

        Member back = new(two, leader.Group) { InstanceId = "two" };
        JoinGroupResponse joined = await back.JoinAsync();

        Assert.Equal((2, leader.Id, false), (joined.GenerationId, joined.Leader, joined.SkipAssignment));
        Assert.Equal(KafkaError.None, await leader.HeartbeatAsync());
        Assert.Equal([2], (await back.SyncAsync()).Assignment);
    }
}
