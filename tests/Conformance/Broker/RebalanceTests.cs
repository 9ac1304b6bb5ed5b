using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>How generations follow each other as members come, change and go, and fall silent.</summary>
public sealed class RebalanceTests(Clusters clusters)
{
    private const KafkaError Rebalancing = KafkaError.RebalanceInProgress;

    [Theory, OnBoth]
    public async Task Newcomer_waits_until_the_others_have_joined_anew(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        string topic = await one.TopicAsync();
        Member first = await Member.SettleAsync(one, Client.NewName("group"));
        Member second = new(two, first.Group);

        Task<JoinGroupResponse> joining = second.JoinAsync();
        await HeartbeatUntil(first, Rebalancing);
        string state = await first.StateAsync();
        KafkaError commit = await first.CommitAsync(topic, 5);
        KafkaError sync = (await first.SyncAsync()).ErrorCode;
        JoinGroupResponse leads = await first.JoinAsync();
        JoinGroupResponse follows = await joining;

        Assert.Equal(("PreparingRebalance", KafkaError.None, Rebalancing), (state, commit, sync));
        Assert.Equal((2, 2, first.Id, first.Id), (leads.GenerationId, follows.GenerationId, leads.Leader, follows.Leader));
        Assert.Equal(new HashSet<string> { first.Id, second.Id }, leads.Members.Select(member => member.MemberId).ToHashSet());
        Assert.Empty(follows.Members);
        // Committing waits for the assignment; heartbeats need not.
        Assert.Equal((Rebalancing, KafkaError.None), (await first.CommitAsync(topic, 6), await first.HeartbeatAsync()));

        Task<SyncGroupResponse> waits = second.SyncAsync();
        Assert.Equal([1], (await first.SyncAsync(first, second)).Assignment);
        Assert.Equal([2], (await waits).Assignment);
        Assert.Equal((KafkaError.None, KafkaError.None), (await first.HeartbeatAsync(), await second.HeartbeatAsync()));
    }

    [Theory, OnBoth]
    public async Task Follower_that_joins_unchanged_is_told_the_generation_there_is(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        (Member first, Member second) = await PairAsync(one, two);

        JoinGroupResponse again = await second.JoinAsync();

        Assert.Equal((KafkaError.None, 2, first.Id), (again.ErrorCode, again.GenerationId, again.Leader));
        Assert.Equal(KafkaError.None, await first.HeartbeatAsync());
    }

    [Theory, OnBoth(true), OnBoth(false)]
    public async Task Leader_that_joins_and_follower_that_changed_bring_a_new_generation(Target target, bool leader)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        (Member first, Member second) = await PairAsync(one, two);
        (Member who, Member other) = leader ? (first, second) : (second, first);
        if (!leader)
            who.Metadata = [42];

        Task<JoinGroupResponse> joining = who.JoinAsync();
        await HeartbeatUntil(other, Rebalancing);
        await other.JoinAsync();

        Assert.Equal((3, first.Id), ((await joining).GenerationId, (await joining).Leader));
    }

    [Theory, OnBoth(true), OnBoth(false)]
    public async Task Member_that_leaves_makes_the_others_join_anew(Target target, bool leader)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        (Member first, Member second) = await PairAsync(one, two);
        (Member who, Member other) = leader ? (first, second) : (second, first);

        await who.LeaveAsync();
        await HeartbeatUntil(other, Rebalancing);
        JoinGroupResponse alone = await other.JoinAsync();

        Assert.Equal((3, other.Id, 1), (alone.GenerationId, alone.Leader, alone.Members.Length));
    }

    [Theory, OnBoth]
    public async Task Member_that_joins_while_others_sync_makes_them_join_anew(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        using Client three = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");
        Member first = await Member.SettleAsync(one, group);
        Member second = new(two, group);
        Task<JoinGroupResponse> joining = second.JoinAsync();
        await HeartbeatUntil(first, Rebalancing);
        await first.JoinAsync();
        await joining;

        Task<SyncGroupResponse> syncing = second.SyncAsync();
        Task<JoinGroupResponse> late = new Member(three, group).JoinAsync();

        Assert.Equal(Rebalancing, (await syncing).ErrorCode);
        Task<JoinGroupResponse> again = second.JoinAsync();
        Assert.Equal(3, (await first.JoinAsync()).GenerationId);
        Assert.Equal((3, 3), ((await again).GenerationId, (await late).GenerationId));
    }

    [Theory, OnBoth]
    public async Task Protocol_with_most_first_votes_among_those_that_all_support_is_chosen(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        using Client three = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");
        Member[] members =
        [
            new(one, group) { Protocols = ["only-mine", "range", "sticky"] },
            new(two, group) { Protocols = ["sticky", "range"] },
            new(three, group) { Protocols = ["sticky", "range"] },
        ];

        await members[0].JoinAsync();
        await members[0].SyncAsync(members[0]);
        Task<JoinGroupResponse> second = members[1].JoinAsync();
        await HeartbeatUntil(members[0], Rebalancing);
        Task<JoinGroupResponse> third = members[2].JoinAsync();
        await Eventually.True(async () => (await MembersAsync(one, group)) == 3, "three members are there");
        JoinGroupResponse first = await members[0].JoinAsync();

        Assert.Equal(("sticky", "sticky", "sticky"), (first.ProtocolName, (await second).ProtocolName, (await third).ProtocolName));
    }

    [Theory, OnBoth]
    public async Task Member_that_does_not_join_anew_in_time_is_put_out(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");
        Member silent = new(one, group) { RebalanceMs = 1_000 };
        await silent.JoinAsync();
        await silent.SyncAsync(silent);

        JoinGroupResponse alone = await new Member(two, group) { RebalanceMs = 1_000 }.JoinAsync();

        Assert.Equal((2, 1), (alone.GenerationId, alone.Members.Length));
        Assert.Equal(KafkaError.UnknownMemberId, await silent.HeartbeatAsync());
    }

    [Theory, OnBoth]
    public async Task Member_that_never_syncs_is_put_out(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Member member = new(client, Client.NewName("group")) { RebalanceMs = 500 };

        await member.JoinAsync();

        await Eventually.True(async () => await member.HeartbeatAsync() == KafkaError.UnknownMemberId, "the member that never synced is put out");
        Assert.Equal("Empty", await member.StateAsync());
    }

    [Theory, OnBoth]
    public async Task Member_that_falls_silent_is_put_out_after_its_session(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");
        Member silent = new(one, group) { SessionMs = Clusters.ShortestSessionMs };
        await silent.JoinAsync();
        await silent.SyncAsync(silent);

        Member second = new(two, group);
        JoinGroupResponse alone = await second.JoinAsync();

        Assert.Equal((second.Id, 1), (alone.Leader, alone.Members.Length));
        Assert.Equal(KafkaError.UnknownMemberId, await silent.HeartbeatAsync());
    }

    [Theory, OnBoth]
    public async Task Id_that_nobody_came_back_with_holds_the_others_no_longer_than_its_session(Target target)
    {
        using Client one = await clusters.ConnectAsync(target);
        using Client two = await clusters.ConnectAsync(target);
        string group = Client.NewName("group");
        await one.AskAsync<JoinGroupResponse>(new Member(one, group) { SessionMs = Clusters.ShortestSessionMs }.JoinRequest());

        JoinGroupResponse joined = await new Member(two, group).JoinAsync();

        Assert.Equal((KafkaError.None, 1), (joined.ErrorCode, joined.Members.Length));
    }

    private static Task HeartbeatUntil(Member member, KafkaError error) => Eventually.True(async () => await member.HeartbeatAsync() == error, $"the heartbeat is answered {error}");

    private static async Task<int> MembersAsync(Client client, string group) =>
        (await client.AskAsync<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [group] })).Groups[0].Members.Length;

    /// <summary>Two settled members, the first of them leading, in generation 2.</summary>
    private static async Task<(Member First, Member Second)> PairAsync(Client one, Client two)
    {
        Member first = await Member.SettleAsync(one, Client.NewName("group"));
        Member second = new(two, first.Group);
        Task<JoinGroupResponse> joining = second.JoinAsync();
        await HeartbeatUntil(first, Rebalancing);
        await first.JoinAsync();
        await joining;
        Task<SyncGroupResponse> syncing = second.SyncAsync();
        await first.SyncAsync(first, second);
        await syncing;
        return (first, second);
    }
}
