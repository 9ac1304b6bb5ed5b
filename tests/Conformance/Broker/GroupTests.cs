using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Requests of group members that are in order, and those that are not.</summary>
public sealed class GroupTests(Clusters clusters)
{
    [Theory]
    [OnBoth("", 30_000, "consumer", "range", KafkaError.InvalidGroupId)]
    [OnBoth("g", 999, "consumer", "range", KafkaError.InvalidSessionTimeout)]
    [OnBoth("g", 1_800_001, "consumer", "range", KafkaError.InvalidSessionTimeout)]
    [OnBoth("g", 30_000, "", "range", KafkaError.InconsistentGroupProtocol)]
    [OnBoth("g", 30_000, "consumer", "", KafkaError.InconsistentGroupProtocol)]
    public async Task Join_that_cannot_be_is_refused(Target target, string group, int session, string type, string protocol, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, group.Length == 0 ? "" : Client.NewName(group)) { SessionMs = session, ProtocolType = type, Protocols = protocol.Length == 0 ? [] : [protocol] };

        JoinGroupResponse answer = await member.JoinAsync();

        Assert.Equal((error, -1, ""), (answer.ErrorCode, answer.GenerationId, answer.Leader));
    }

    [Theory, OnBoth]
    public async Task Join_with_an_id_that_was_never_given_is_unknown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");

        Assert.Equal(KafkaError.UnknownMemberId, (await new Member(client, group) { Id = "nobody" }.JoinAsync()).ErrorCode);
        await Member.SettleAsync(client, group);
        Assert.Equal(KafkaError.UnknownMemberId, (await new Member(client, group) { Id = "nobody" }.JoinAsync()).ErrorCode);
    }

    [Theory, OnBoth("connect", "range"), OnBoth("consumer", "other")]
    public async Task Join_without_a_common_protocol_is_refused(Target target, string type, string protocol)
    {
        using Client client = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");
        Member first = await Member.SettleAsync(client, group);

        JoinGroupResponse answer = await new Member(client, group) { ProtocolType = type, Protocols = [protocol] }.JoinAsync();

        Assert.Equal(KafkaError.InconsistentGroupProtocol, answer.ErrorCode);
        Assert.Equal(KafkaError.None, await first.HeartbeatAsync());
    }

    [Theory, OnBoth((short)0, false), OnBoth((short)3, false), OnBoth((short)4, true), OnBoth((short)9, true)]
    public async Task New_member_comes_back_with_its_id_from_version_4_on(Target target, short version, bool comesBack)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group"));

        JoinGroupResponse answer = await client.AskAsync<JoinGroupResponse>(member.JoinRequest(), version);

        Assert.Equal(comesBack ? KafkaError.MemberIdRequired : KafkaError.None, answer.ErrorCode);
        Assert.Equal((comesBack ? -1 : 1, comesBack ? "" : answer.MemberId), (answer.GenerationId, answer.Leader));
        Assert.StartsWith("test-", answer.MemberId, StringComparison.Ordinal);
    }

    [Theory, OnBoth]
    public async Task Member_alone_leads_and_its_assignment_settles_the_group(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group")) { Metadata = [9] };

        JoinGroupResponse joined = await member.JoinAsync();
        string between = await member.StateAsync();
        SyncGroupResponse synced = await member.SyncAsync(member);

        Assert.Equal((1, member.Id, "consumer", "range"), (joined.GenerationId, joined.Leader, joined.ProtocolType, joined.ProtocolName));
        Assert.Equal((member.Id, (byte)9), (joined.Members.Single().MemberId, joined.Members[0].Metadata.Single()));
        Assert.Equal(("consumer", "range", (byte)1), (synced.ProtocolType, synced.ProtocolName, synced.Assignment.Single()));
        Assert.Equal(("CompletingRebalance", "Stable"), (between, await member.StateAsync()));
        Assert.Equal([1], (await member.SyncAsync()).Assignment);
    }

    /// <summary>Changes to a settled member's identity, each with what its requests are answered.</summary>
    [Theory]
    [OnBoth("group", "", 1, KafkaError.UnknownMemberId)]
    [OnBoth("", "nobody", 1, KafkaError.UnknownMemberId)]
    [OnBoth("", "", 2, KafkaError.IllegalGeneration)]
    [OnBoth("", "", 0, KafkaError.IllegalGeneration)]
    [OnBoth("", "", -1, KafkaError.IllegalGeneration)]
    [OnBoth("", "nobody", 5, KafkaError.UnknownMemberId)]
    public async Task Request_of_a_stranger_or_of_another_generation_is_refused(Target target, string otherGroup, string otherId, int generation, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Member settled = await Member.SettleAsync(client, Client.NewName("group"));
        Member other = new(client, otherGroup.Length > 0 ? Client.NewName(otherGroup) : settled.Group) { Id = otherId.Length > 0 ? otherId : settled.Id, Generation = generation };

        Assert.Equal(error, (await other.SyncAsync(other)).ErrorCode);
        Assert.Equal(error, await other.HeartbeatAsync());
        Assert.Equal(otherGroup.Length > 0 ? KafkaError.GroupIdNotFound : error, await other.CommitAsync(topic, 1));
        Assert.Equal(KafkaError.None, await settled.HeartbeatAsync());
    }

    [Theory, OnBoth]
    public async Task Sync_that_names_another_protocol_is_refused(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = await Member.SettleAsync(client, Client.NewName("group"));
        SyncGroupRequest otherName = member.SyncRequest();
        otherName.ProtocolName = "other";
        SyncGroupRequest otherType = member.SyncRequest();
        otherType.ProtocolType = "connect";
        SyncGroupRequest none = member.SyncRequest();
        none.ProtocolType = null;

        foreach (SyncGroupRequest request in (SyncGroupRequest[])[otherName, otherType, none])
            Assert.Equal(KafkaError.InconsistentGroupProtocol, (await client.AskAsync<SyncGroupResponse>(request)).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Requests_without_a_group_are_refused(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, "") { Id = "a", Generation = 1 };

        Assert.Equal(KafkaError.InvalidGroupId, (await member.SyncAsync()).ErrorCode);
        Assert.Equal(KafkaError.InvalidGroupId, await member.HeartbeatAsync());
        Assert.Equal(KafkaError.InvalidGroupId, (await client.AskAsync<LeaveGroupResponse>(member.LeaveRequest())).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Member_that_left_is_unknown_and_the_last_one_leaves_the_group_empty(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = await Member.SettleAsync(client, Client.NewName("group"));

        Assert.Equal(KafkaError.None, await member.LeaveAsync());

        Assert.Equal("Empty", await member.StateAsync());
        Assert.Equal(KafkaError.UnknownMemberId, await member.LeaveAsync());
        Assert.Equal(KafkaError.UnknownMemberId, await member.HeartbeatAsync());
    }

    [Theory, OnBoth((short)0), OnBoth((short)2), OnBoth((short)3), OnBoth((short)5)]
    public async Task Stranger_cannot_leave(Target target, short version)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member settled = await Member.SettleAsync(client, Client.NewName("group"));
        foreach (string group in (string[])[settled.Group, Client.NewName("group")])
        {
            LeaveGroupResponse answer = await client.AskAsync<LeaveGroupResponse>(new Member(client, group) { Id = "nobody" }.LeaveRequest(), version);

            Assert.Equal(version < 3 ? KafkaError.UnknownMemberId : KafkaError.None, answer.ErrorCode);
            if (version >= 3)
                Assert.Equal(KafkaError.UnknownMemberId, answer.Members.Single().ErrorCode);
        }
        Assert.Equal(KafkaError.None, await settled.HeartbeatAsync());
    }

    [Theory, OnBoth]
    public async Task Member_may_leave_before_it_comes_back_with_its_id(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group"));
        member.Id = (await client.AskAsync<JoinGroupResponse>(member.JoinRequest())).MemberId;

        Assert.Equal(KafkaError.None, await member.LeaveAsync());
        Assert.Equal(KafkaError.UnknownMemberId, (await member.JoinAsync()).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Group_is_described_with_its_members_and_listed_with_its_state(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group")) { Metadata = [7] };
        await member.JoinAsync();
        await member.SyncAsync(member);

        DescribeGroupsResponse.DescribedGroup group = (await client.AskAsync<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [member.Group] })).Groups.Single();

        Assert.Equal((KafkaError.None, "Stable", "consumer", "range"), (group.ErrorCode, group.GroupState, group.ProtocolType, group.ProtocolData));
        Assert.Equal((member.Id, "test", (byte)7, (byte)1), (group.Members[0].MemberId, group.Members[0].ClientId, group.Members[0].MemberMetadata[0], group.Members[0].MemberAssignment[0]));
        foreach ((string[] states, string[] types, bool listed) in ((string[], string[], bool)[])
            [([], [], true), (["Stable"], [], true), (["stable"], ["Classic"], true), (["Empty", "Stable"], ["classic"], true), (["Empty"], [], false), ([], ["consumer"], false)])
        {
            ListGroupsResponse list = await client.AskAsync<ListGroupsResponse>(new ListGroupsRequest { StatesFilter = states, TypesFilter = types });
            Assert.Equal(listed, list.Groups.Any(each => each.GroupId == member.Group && each is { GroupState: "Stable", ProtocolType: "consumer", GroupType: "classic" }));
        }
    }

    [Theory, OnBoth]
    public async Task Group_that_is_not_stable_is_described_without_its_protocol(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group")) { Metadata = [7] };
        await member.JoinAsync();

        DescribeGroupsResponse.DescribedGroup group = (await client.AskAsync<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [member.Group] })).Groups.Single();

        Assert.Equal(("CompletingRebalance", "consumer", ""), (group.GroupState, group.ProtocolType, group.ProtocolData));
        Assert.Equal((member.Id, 0, 0), (group.Members.Single().MemberId, group.Members[0].MemberMetadata.Length, group.Members[0].MemberAssignment.Length));
    }

    [Theory, OnBoth]
    public async Task Group_that_is_not_there_is_described_as_dead(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");

        DescribeGroupsResponse.DescribedGroup described = (await client.AskAsync<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [group] })).Groups.Single();

        Assert.Equal((KafkaError.None, group, "Dead", "", 0), (described.ErrorCode, described.GroupId, described.GroupState, described.ProtocolType, described.Members.Length));
    }

    [Theory, OnBoth]
    public async Task Groups_are_deleted_where_they_are_empty(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member full = await Member.SettleAsync(client, Client.NewName("group"));
        Member left = await Member.SettleAsync(client, Client.NewName("group"));
        await left.LeaveAsync();
        string none = Client.NewName("group");

        DeleteGroupsResponse answer = await client.AskAsync<DeleteGroupsResponse>(new DeleteGroupsRequest { GroupsNames = [full.Group, left.Group, none] });

        Assert.Equal(
            new Dictionary<string, KafkaError> { [full.Group] = KafkaError.NonEmptyGroup, [left.Group] = KafkaError.None, [none] = KafkaError.GroupIdNotFound },
            answer.Results.ToDictionary(each => each.GroupId, each => each.ErrorCode));
        Assert.Equal(("Stable", "Dead"), (await full.StateAsync(), await left.StateAsync()));
    }
}
