using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Groups;

/// <content>SyncGroup, Heartbeat and LeaveGroup.</content>
internal sealed partial class Group
{
    public Task<SyncGroupResponse> Sync(SyncGroupRequest request)
    {
        lock (_gate)
        {
            Task<SyncGroupResponse> answer = SyncLocked(request);
            Schedule();
            return answer;
        }
    }

    private Task<SyncGroupResponse> SyncLocked(SyncGroupRequest request)
    {
        if (MemberProblem(request.MemberId, request.GroupInstanceId, request.GenerationId, out Member member) is { } problem)
            return Refuse(problem);
        if (request.ProtocolType is not null && request.ProtocolType != _protocolType || request.ProtocolName is not null && request.ProtocolName != _protocol)
            return Refuse(KafkaError.InconsistentGroupProtocol);
        member.Deadline = Now + member.SessionTimeoutMs;
        switch (State)
        {
            case GroupState.PreparingRebalance:
                return Refuse(KafkaError.RebalanceInProgress);
            case GroupState.Stable:
                return Task.FromResult(Synced(member));
            default:
                _unsynced.Remove(member.Id);
                member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.RebalanceInProgress });
                member.Syncing = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
                Task<SyncGroupResponse> answer = member.Syncing.Task;
                if (member.Id == _leader)
                    Assign(request.Assignments);
                return answer;
        }
    }

    public KafkaError Heartbeat(HeartbeatRequest request)
    {
        lock (_gate)
        {
            if (MemberProblem(request.MemberId, request.GroupInstanceId, request.GenerationId, out Member member) is { } problem)
                return problem;
            member.Deadline = Now + member.SessionTimeoutMs;
            return State == GroupState.PreparingRebalance ? KafkaError.RebalanceInProgress : KafkaError.None;
        }
    }

    /// <summary>One member leaves; a static one may be named by its instance id alone.</summary>
    public KafkaError Leave(string memberId, string? instanceId, string? reason)
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return KafkaError.UnknownMemberId;
            if (_pendingIds.Remove(memberId))
            {
                if (State == GroupState.PreparingRebalance && AllJoined())
                    CompleteJoin();
                Schedule();
                return KafkaError.None;
            }
            if (memberId.Length == 0 && instanceId is not null)
                memberId = FindStatic(instanceId)?.Id ?? "";
            if (IdentityProblem(memberId, instanceId, out Member member) is { } problem)
                return problem;
            Remove(member, reason ?? "it asked to leave");
            Schedule();
            return KafkaError.None;
        }
    }

    /// <summary>What is wrong with a request that says it comes from a member in a generation; null: nothing.</summary>
    private KafkaError? MemberProblem(string memberId, string? instanceId, int generation, out Member member)
    {
        member = null!;
        if (State == GroupState.Dead)
            return KafkaError.UnknownMemberId;
        if (IdentityProblem(memberId, instanceId, out member) is { } problem)
            return problem;
        return generation != _generation ? KafkaError.IllegalGeneration : null;
    }

    /// <summary>The leader's assignment makes the group stable; who is not in it gets nothing.</summary>
    private void Assign(SyncGroupRequest.MemberAssignment[] assignments)
    {
        foreach (Member member in _members)
            member.Assignment = assignments.FirstOrDefault(assignment => assignment.MemberId == member.Id)?.Assignment ?? [];
        Move(GroupState.Stable);
        Persist();
        Log.GroupRebalanced(_logger, Id, _generation, _members.Count, "stable");
        // Who has not synced yet does so in the stable group and has its session timeout for it.
        _unsynced.Clear();
        foreach (Member member in _members)
        {
            member.Deadline = Now + member.SessionTimeoutMs;
            member.Syncing?.TrySetResult(Synced(member));
            member.Syncing = null;
        }
    }

    private SyncGroupResponse Synced(Member member) => new() { ProtocolType = _protocolType, ProtocolName = _protocol, Assignment = member.Assignment };

    private static Task<SyncGroupResponse> Refuse(KafkaError error) => Task.FromResult(new SyncGroupResponse { ErrorCode = error });
}
