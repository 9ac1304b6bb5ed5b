using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Groups;

/// <summary>Static members and a broker that ends between their joining and the group's next assignment, which is when a group is written.</summary>
public sealed class StaticMemberTests : IDisposable
{
    private const short JoinGroup = 11;
    private const short Heartbeat = 12;
    private const short SyncGroup = 14;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_static_member_that_came_back_just_before_a_restart_is_asked_to_join_again_and_its_old_self_is_fenced()
    {
        string old, young;
        await using (KafkaBroker broker = await StartAsync())
        {
            using RawClient client = await RawClient.ConnectAsync(broker);
            JoinGroupResponse first = await Join(client, "range", "sticky");
            old = first.MemberId;
            SyncGroupRequest sync = new()
            {
                GroupId = "g", MemberId = old, GroupInstanceId = "s", GenerationId = first.GenerationId, Assignments = [new SyncGroupRequest.MemberAssignment { MemberId = old }],
            };
            Assert.Equal(KafkaError.None, (await client.AskAsync<SyncGroupResponse>(SyncGroup, 3, sync)).ErrorCode);
            // Without the protocol that the group chose: it needs a new generation, so that it is not written yet.
            young = (await Join(client, "sticky")).MemberId;
        }

        await using KafkaBroker again = await StartAsync();
        using RawClient back = await RawClient.ConnectAsync(again);
        HeartbeatRequest heartbeat = new() { GroupId = "g", MemberId = young, GroupInstanceId = "s", GenerationId = 2 };
        Assert.Equal(KafkaError.UnknownMemberId, (await back.AskAsync<HeartbeatResponse>(Heartbeat, 3, heartbeat)).ErrorCode);
        JoinGroupResponse rejoined = await Join(back, "sticky");
        Assert.Equal(KafkaError.None, rejoined.ErrorCode);
        heartbeat.MemberId = old;
        Assert.Equal(KafkaError.FencedInstanceId, (await back.AskAsync<HeartbeatResponse>(Heartbeat, 3, heartbeat)).ErrorCode);
    }

    private static Task<JoinGroupResponse> Join(RawClient client, params string[] protocols) => client.AskAsync<JoinGroupResponse>(JoinGroup, 5, new JoinGroupRequest
    {
        GroupId = "g",
        GroupInstanceId = "s",
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = 1_000,
        ProtocolType = "consumer",
        Protocols = [.. protocols.Select(name => new JoinGroupRequest.Protocol { Name = name })],
    });

    private Task<KafkaBroker> StartAsync() => KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder.Path }, ct: TestContext.Current.CancellationToken);
}
