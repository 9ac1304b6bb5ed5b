using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Groups;

/// <summary>Who sent a request of a group, as DescribeGroups shows it.</summary>
internal readonly record struct Client(string Id, string Host, short Version);

/// <content>JoinGroup, and the rebalance up to the point where all members know their generation.</content>
internal sealed partial class Group
{
    private const int MostMembers = 1_000;
    private const short MemberIdRequiredFrom = 4;
    private const short SkipAssignmentFrom = 9;

    public Task<JoinGroupResponse> Join(JoinGroupRequest request, Client client)
    {
        lock (_gate)
        {
            Task<JoinGroupResponse> answer = JoinLocked(request, client);
            Schedule();
            return answer;
        }
    }

    private Task<JoinGroupResponse> JoinLocked(JoinGroupRequest request, Client client)
    {
        if (State == GroupState.Dead)
            return Refuse(KafkaError.CoordinatorNotAvailable, request.MemberId);
        if (request.ProtocolType.Length == 0 || request.Protocols.Length == 0 || !Compatible(request))
            return Refuse(KafkaError.InconsistentGroupProtocol, request.MemberId);

        if (request.MemberId.Length == 0)
            return JoinNew(request, client);
        if (_pendingIds.Remove(request.MemberId))
            return AddAndRebalance(request, request.MemberId, client);
        if (IdentityProblem(request.MemberId, request.GroupInstanceId, out Member member) is { } problem)
            return Refuse(problem, request.MemberId);
        return Rejoin(member, request);
    }

    private Task<JoinGroupResponse> JoinNew(JoinGroupRequest request, Client client)
    {
        string id = $"{request.GroupInstanceId ?? client.Id}-{Guid.NewGuid()}";
        if (request.GroupInstanceId is not null && FindStatic(request.GroupInstanceId) is { } present)
            return Replace(present, id, request, client);
        if (_members.Count + _pendingIds.Count >= MostMembers)
            return Refuse(KafkaError.GroupMaxSizeReached, "");
        if (request.GroupInstanceId is null && client.Version >= MemberIdRequiredFrom)
        {
            // The client comes back with the id: so a join whose answer is lost leaves no ghost behind that others wait for.
            _pendingIds[id] = Now + request.SessionTimeoutMs;
            return Refuse(KafkaError.MemberIdRequired, id);
        }
        return AddAndRebalance(request, id, client);
    }

    private Task<JoinGroupResponse> AddAndRebalance(JoinGroupRequest request, string id, Client client)
    {
        Member member = new() { Id = id, InstanceId = request.GroupInstanceId, ClientId = client.Id, ClientHost = client.Host };
        _members.Add(member);
        _protocolType ??= request.ProtocolType;
        if (State == GroupState.Empty)
            _protocolType = request.ProtocolType;
        Task<JoinGroupResponse> answer = Park(member, request);
        RebalanceOrComplete($"{id} joins");
        return answer;
    }

    private Task<JoinGroupResponse> Rejoin(Member member, JoinGroupRequest request)
    {
        bool same = member.SameProtocols(request.Protocols);
        bool answerAtOnce = State switch
        {
            GroupState.CompletingRebalance => same,
            GroupState.Stable => same && member.Id != _leader,
            _ => false,
        };
        if (answerAtOnce)
        {
            member.Deadline = Now + member.SessionTimeoutMs;
            return Task.FromResult(Joined(member));
        }
        Task<JoinGroupResponse> answer = Park(member, request);
        RebalanceOrComplete($"{member.Id} rejoins");
        return answer;
    }

    /// <summary>A static member comes back under a new id: its old self is fenced; where the group's protocol stays the same nobody else notices.</summary>
    private Task<JoinGroupResponse> Replace(Member member, string id, JoinGroupRequest request, Client client)
    {
        string? leaderBefore = _leader;
        member.Joining?.TrySetResult(new JoinGroupResponse { ErrorCode = KafkaError.FencedInstanceId, MemberId = member.Id });
        member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.FencedInstanceId });
        member.Joining = null;
        member.Syncing = null;
        if (_unsynced.Remove(member.Id))
            _unsynced.Add(id);
        if (_leader == member.Id)
            _leader = id;
        member.Id = id;
        member.Remembered = false;
        member.ClientId = client.Id;
        member.ClientHost = client.Host;
        Adopt(member, request);
        if (State == GroupState.Stable && ChooseProtocol() == _protocol)
        {
            Persist();
            JoinGroupResponse answer = Joined(member);
            bool leads = _leader == id;
            if (client.Version >= SkipAssignmentFrom)
                answer.SkipAssignment = leads;
            else if (leads)
            {
                // An old client that is told that it leads would assign anew: it is shown the leader it was.
                answer.Leader = leaderBefore!;
                answer.Members = [];
            }
            return Task.FromResult(answer);
        }
        Task<JoinGroupResponse> parked = Park(member, request);
        RebalanceOrComplete($"static member {member.InstanceId} rejoins");
        return parked;
    }

    private void Adopt(Member member, JoinGroupRequest request)
    {
        member.SessionTimeoutMs = request.SessionTimeoutMs;
        member.RebalanceTimeoutMs = request.RebalanceTimeoutMs < 0 ? request.SessionTimeoutMs : request.RebalanceTimeoutMs;
        member.Protocols = request.Protocols;
        member.Deadline = Now + member.SessionTimeoutMs;
    }

    private Task<JoinGroupResponse> Park(Member member, JoinGroupRequest request)
    {
        Adopt(member, request);
        member.Joining?.TrySetResult(new JoinGroupResponse { ErrorCode = KafkaError.RebalanceInProgress, MemberId = member.Id });
        member.Joining = new TaskCompletionSource<JoinGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        return member.Joining.Task;
    }

    private void RebalanceOrComplete(string why)
    {
        if (State != GroupState.PreparingRebalance)
            PrepareRebalance(why);
        else if (AllJoined())
            CompleteJoin();
    }

    private void PrepareRebalance(string why)
    {
        foreach (Member member in _members)
        {
            member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.RebalanceInProgress });
            member.Syncing = null;
        }
        _unsynced.Clear();
        Move(GroupState.PreparingRebalance);
        _rebalanceDeadline = Now + _members.Select(member => member.RebalanceTimeoutMs).DefaultIfEmpty(0).Max();
        Log.GroupRebalanced(_logger, Id, _generation, _members.Count, why);
        if (AllJoined())
            CompleteJoin();
    }

    private bool AllJoined() => _pendingIds.Count == 0 && _members.TrueForAll(member => member.Joining is not null);

    /// <summary>Begins the next generation with those who joined in time; static members that did not keep their place.</summary>
    private void CompleteJoin()
    {
        _members.RemoveAll(member => member.Joining is null && member.InstanceId is null);
        _generation++;
        if (_members.Count == 0)
        {
            _protocol = null;
            _leader = null;
            Move(GroupState.Empty);
            Persist();
            return;
        }
        _protocol = ChooseProtocol();
        if (_leader is null || Find(_leader)?.Joining is null)
            _leader = (_members.Find(member => member.Joining is not null) ?? _members[0]).Id;
        Move(GroupState.CompletingRebalance);
        _rebalanceDeadline = Now + _members.Max(member => member.RebalanceTimeoutMs);
        foreach (Member member in _members)
        {
            _unsynced.Add(member.Id);
            TaskCompletionSource<JoinGroupResponse>? joining = member.Joining;
            if (joining is null)
                continue;
            member.Joining = null;
            member.Deadline = Now + member.SessionTimeoutMs;
            joining.TrySetResult(Joined(member));
        }
    }

    private JoinGroupResponse Joined(Member member) => new()
    {
        GenerationId = _generation,
        ProtocolType = _protocolType,
        ProtocolName = _protocol,
        Leader = _leader ?? "",
        MemberId = member.Id,
        Members = member.Id != _leader
            ? []
            : [.. _members.Select(each => new JoinGroupResponse.Member { MemberId = each.Id, GroupInstanceId = each.InstanceId, Metadata = each.Metadata(_protocol) })],
    };

    /// <summary>Whether who joins shares the group's protocol type and a protocol with every member; with itself too, as it was before.</summary>
    private bool Compatible(JoinGroupRequest request) =>
        _members.Count == 0 || request.ProtocolType == _protocolType && Array.Exists(request.Protocols, protocol => _members.TrueForAll(member => member.Supports(protocol.Name)));

    /// <summary>Each member votes for the first of its protocols that all support; most votes win.</summary>
    private string ChooseProtocol() => _members
        .Select(member => member.Protocols.First(protocol => _members.TrueForAll(other => other.Supports(protocol.Name))).Name)
        .GroupBy(name => name).MaxBy(votes => votes.Count())!.Key;

    private static Task<JoinGroupResponse> Refuse(KafkaError error, string memberId) =>
        Task.FromResult(new JoinGroupResponse { ErrorCode = error, MemberId = memberId });
}
