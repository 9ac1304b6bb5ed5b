using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>A group's member as a test plays it: who it is since its last join, and the requests it makes.</summary>
internal sealed class Member(Client client, string group)
{
    public string Group { get; } = group;
    public string Id { get; set; } = "";
    public string? InstanceId { get; init; }
    public int Generation { get; set; } = -1;
    public int SessionMs { get; init; } = 30_000;
    public int RebalanceMs { get; init; } = 30_000;
    /// <summary>Names of the protocols it supports, the one it prefers first.</summary>
    public string[] Protocols { get; set; } = ["range"];
    /// <summary>The protocol that the group chose.</summary>
    public string Protocol { get; set; } = "range";
    public byte[] Metadata { get; set; } = [];
    public string ProtocolType { get; init; } = "consumer";

    /// <summary>A member alone in its group, with its assignment.</summary>
    public static async Task<Member> SettleAsync(Client client, string group, string? instanceId = null)
    {
        Member member = new(client, group) { InstanceId = instanceId };
        await member.JoinAsync();
        await member.SyncAsync(member);
        return member;
    }

    public JoinGroupRequest JoinRequest() => new()
    {
        GroupId = Group,
        MemberId = Id,
        GroupInstanceId = InstanceId,
        SessionTimeoutMs = SessionMs,
        RebalanceTimeoutMs = RebalanceMs,
        ProtocolType = ProtocolType,
        Protocols = [.. Protocols.Select(name => new JoinGroupRequest.Protocol { Name = name, Metadata = Metadata })],
    };

    public HeartbeatRequest HeartbeatRequest() => new() { GroupId = Group, MemberId = Id, GroupInstanceId = InstanceId, GenerationId = Generation };

    public LeaveGroupRequest LeaveRequest() =>
        new() { GroupId = Group, MemberId = Id, Members = [new LeaveGroupRequest.MemberIdentity { MemberId = Id, GroupInstanceId = InstanceId }] };

    public SyncGroupRequest SyncRequest(params IEnumerable<Member> members) => new()
    {
        GroupId = Group,
        MemberId = Id,
        GroupInstanceId = InstanceId,
        GenerationId = Generation,
        ProtocolType = ProtocolType,
        ProtocolName = Protocol,
        Assignments = [.. members.Select((member, index) => new SyncGroupRequest.MemberAssignment { MemberId = member.Id, Assignment = [(byte)(index + 1)] })],
    };

    /// <summary>Joins, with the id that it is given first where it has none.</summary>
    public async Task<JoinGroupResponse> JoinAsync()
    {
        JoinGroupResponse answer = await client.AskAsync<JoinGroupResponse>(JoinRequest());
        if (answer.ErrorCode == KafkaError.MemberIdRequired)
        {
            Id = answer.MemberId;
            answer = await client.AskAsync<JoinGroupResponse>(JoinRequest());
        }
        if (answer.ErrorCode == KafkaError.None)
            (Id, Generation, Protocol) = (answer.MemberId, answer.GenerationId, answer.ProtocolName!);
        return answer;
    }

    /// <summary>Syncs; as the leader, with an assignment for each of the members: the bytes 1, 2, ….</summary>
    public Task<SyncGroupResponse> SyncAsync(params IEnumerable<Member> members) => client.AskAsync<SyncGroupResponse>(SyncRequest(members));

    public async Task<KafkaError> HeartbeatAsync() => (await client.AskAsync<HeartbeatResponse>(HeartbeatRequest())).ErrorCode;

    public async Task<KafkaError> LeaveAsync()
    {
        LeaveGroupResponse answer = await client.AskAsync<LeaveGroupResponse>(LeaveRequest());
        return answer.ErrorCode != KafkaError.None ? answer.ErrorCode : answer.Members[0].ErrorCode;
    }

    public async Task<KafkaError> CommitAsync(string topic, long offset) => (await client.AskAsync<OffsetCommitResponse>(new OffsetCommitRequest
    {
        GroupId = Group,
        MemberId = Id,
        GroupInstanceId = InstanceId,
        GenerationIdOrMemberEpoch = Generation,
        Topics = [new TopicOf<OffsetCommitRequest.Partition> { Name = topic, Partitions = [new OffsetCommitRequest.Partition { CommittedOffset = offset }] }],
    })).Topics[0].Partitions[0].ErrorCode;

    public async Task<string> StateAsync() => (await client.AskAsync<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [Group] })).Groups[0].GroupState;
}
