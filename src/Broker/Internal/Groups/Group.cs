using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Groups;

/// <summary>
/// One consumer group: its members and generation (this file, Join, Sync) and its committed offsets (Offsets). Everything happens under the group's lock;
/// requests that wait for others are parked as task sources that the lock's holder completes. One timer, set to the earliest deadline of all, watches
/// sessions, the rebalance, members that never sync and ids that were given out and not used; a heartbeat only moves its member's deadline.
/// </summary>
internal sealed partial class Group : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StateLog _state;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly List<Member> _members = [];
    /// <summary>Ids that were given out to members that have not joined with them yet, with their deadlines.</summary>
    private readonly Dictionary<string, long> _pendingIds = [];
    private readonly HashSet<string> _unsynced = [];
    private long _rebalanceDeadline;
    private string? _protocolType;
    private string? _protocol;
    private string? _leader;
    private int _generation;
    private long _emptySince;

    public Group(string id, StateLog state, ILogger logger, TimeProvider time)
    {
        Id = id;
        _state = state;
        _logger = logger;
        _time = time;
        _timer = time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _emptySince = Now;
    }

    public string Id { get; }

    public GroupState State { get; private set; } = GroupState.Empty;

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Takes up what was remembered; members have a session timeout from now on to show themselves.</summary>
    public void Restore(GroupRecord record)
    {
        lock (_gate)
        {
            _generation = record.Generation;
            _protocolType = record.ProtocolType;
            _protocol = record.Protocol;
            _leader = record.Leader;
            _members.AddRange(record.Members);
            foreach (Member member in _members)
            {
                member.Deadline = Now + member.SessionTimeoutMs;
                member.Remembered = true;
            }
            State = _members.Count == 0 ? GroupState.Empty : GroupState.Stable;
            Schedule();
        }
    }

    /// <summary>Marks the group deleted if it has no members; whoever still holds it then asks for a new one.</summary>
    public KafkaError Delete()
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return KafkaError.GroupIdNotFound;
            if (State != GroupState.Empty)
                return KafkaError.NonEmptyGroup;
            Move(GroupState.Dead);
            _state.Write([StateLog.Change(GroupRecord.Key(Id), null), .. ForgetOffsets(_ => true)]);
            return KafkaError.None;
        }
    }

    /// <summary>Whether the group has had no members for that long, and no transaction holds offsets for it.</summary>
    public bool IdleFor(TimeSpan span)
    {
        lock (_gate)
            return State == GroupState.Empty && _pending.Count == 0 && Now - _emptySince > span.TotalMilliseconds;
    }

    public DescribeGroupsResponse.DescribedGroup Describe()
    {
        lock (_gate)
            return new DescribeGroupsResponse.DescribedGroup
            {
                GroupId = Id,
                GroupState = State.ToString(),
                ProtocolType = _protocolType ?? "",
                ProtocolData = State == GroupState.Stable ? _protocol ?? "" : "",
                Members = [.. _members.Select(member => new DescribeGroupsResponse.DescribedGroup.DescribedGroupMember
                {
                    MemberId = member.Id,
                    GroupInstanceId = member.InstanceId,
                    ClientId = member.ClientId,
                    ClientHost = member.ClientHost,
                    MemberMetadata = State == GroupState.Stable ? member.Metadata(_protocol) : [],
                    MemberAssignment = State == GroupState.Stable ? member.Assignment : [],
                })],
            };
    }

    public ListGroupsResponse.ListedGroup List()
    {
        lock (_gate)
            return new ListGroupsResponse.ListedGroup { GroupId = Id, ProtocolType = _protocolType ?? "", GroupState = State.ToString(), GroupType = "classic" };
    }

    public void Dispose() => _timer.Dispose();

    private Member? Find(string memberId) => _members.Find(member => member.Id == memberId);

    private Member? FindStatic(string instanceId) => _members.Find(member => member.InstanceId == instanceId);

    /// <summary>What is wrong with who a request says it is; null: nothing, and then <paramref name="member"/> is it.</summary>
    private KafkaError? IdentityProblem(string memberId, string? instanceId, out Member member)
    {
        member = Find(memberId)!;
        if (instanceId is not null)
        {
            Member? known = FindStatic(instanceId);
            if (known is null)
                return KafkaError.UnknownMemberId;
            // A fenced client ends; one that is unknown joins again, and so shows who is who.
            if (known.Id != memberId)
                return known.Remembered ? KafkaError.UnknownMemberId : KafkaError.FencedInstanceId;
        }
        if (member is null)
            return KafkaError.UnknownMemberId;
        member.Remembered = false;
        return null;
    }

    private void Move(GroupState next)
    {
        if (!next.MayFollow(State))
            throw new InvalidOperationException($"Group {Id} may not go from {State} to {next}.");
        State = next;
        if (next == GroupState.Empty)
            _emptySince = Now;
    }

    /// <summary>Where the disk is full the group goes on without; should the broker die then, its members join anew.</summary>
    private void Persist() => _state.TryWrite(StateLog.Change(GroupRecord.Key(Id), new GroupRecord
    {
        Generation = _generation, ProtocolType = _protocolType, Protocol = _protocol, Leader = _leader, Members = [.. _members],
    }));

    /// <summary>Lets the timer ring at the earliest deadline.</summary>
    private void Schedule()
    {
        long next = long.MaxValue;
        foreach (Member member in _members)
            if (!member.Waits)
                next = Math.Min(next, member.Deadline);
        foreach (long deadline in _pendingIds.Values)
            next = Math.Min(next, deadline);
        if (State is GroupState.PreparingRebalance or GroupState.CompletingRebalance)
            next = Math.Min(next, _rebalanceDeadline);
        TimeSpan due = next == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(1, next - Now));
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Acts on every deadline that has passed.</summary>
    private void Expire()
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return;
            long now = Now;
            foreach (string id in _pendingIds.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToArray())
                _pendingIds.Remove(id);
            foreach (Member member in _members.Where(member => !member.Waits && member.Deadline <= now).ToArray())
                Remove(member, "its session timed out");
            if (State == GroupState.CompletingRebalance && _rebalanceDeadline <= now)
                foreach (Member member in _members.Where(member => _unsynced.Contains(member.Id)).ToArray())
                    Remove(member, "it never synced");
            if (State == GroupState.PreparingRebalance && (AllJoined() || _rebalanceDeadline <= now))
                CompleteJoin();
            Schedule();
        }
    }

    /// <summary>Takes a member out and lets the others rebalance.</summary>
    private void Remove(Member member, string why)
    {
        if (!_members.Remove(member))
            return;
        Log.MemberRemoved(_logger, Id, member.Id, why);
        _unsynced.Remove(member.Id);
        member.Joining?.TrySetResult(new JoinGroupResponse { ErrorCode = KafkaError.UnknownMemberId, MemberId = member.Id });
        member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.UnknownMemberId });
        member.Joining = null;
        member.Syncing = null;
        if (_leader == member.Id)
            _leader = null;
        if (State is GroupState.Stable or GroupState.CompletingRebalance)
            PrepareRebalance($"{member.Id} left: {why}");
        else if (State == GroupState.PreparingRebalance && AllJoined())
            CompleteJoin();
    }
}

/// <summary>What is remembered of a group besides its offsets.</summary>
internal sealed class GroupRecord : IMessage
{
    public const string Prefix = "group/";

    public int Generation;
    public string? ProtocolType;
    public string? Protocol;
    public string? Leader;
    public Member[] Members = [];

    public static string Key(string group) => Prefix + group;

    public void Visit(Codec codec)
    {
        codec.Int32(ref Generation);
        codec.NullableString(ref ProtocolType);
        codec.NullableString(ref Protocol);
        codec.NullableString(ref Leader);
        codec.Array(ref Members);
        codec.Tags();
    }
}
