using System.Buffers.Binary;
using System.Text;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Groups;

/// <summary>Who commits: a member in a generation, or (generation below 0, no member id) a client that keeps its offsets here without being in the group.</summary>
internal readonly record struct Committer(string MemberId, string? InstanceId, int Generation);

/// <content>
/// Committed offsets. Those of a transaction are pending under its producer's id until it ends: then they are committed, or dropped, in one write.
/// </content>
internal sealed partial class Group
{
    private const string ConsumerProtocol = "consumer";

    private readonly Dictionary<TopicPartition, OffsetRecord> _offsets = [];
    private readonly Dictionary<long, Dictionary<TopicPartition, OffsetRecord>> _pending = [];

    public void RestoreOffset(TopicPartition partition, OffsetRecord offset) => _offsets[partition] = offset;

    public void RestorePending(long producerId, TopicPartition partition, OffsetRecord offset) => PendingOf(producerId)[partition] = offset;

    public KafkaError Commit(Committer committer, IReadOnlyList<(TopicPartition Partition, OffsetRecord Offset)> offsets)
    {
        lock (_gate)
        {
            // Without a generation only where no members could disagree: a consumer that assigns its partitions itself.
            bool alone = committer.Generation < 0 && State == GroupState.Empty;
            if (State == GroupState.Dead)
                return KafkaError.CoordinatorNotAvailable;
            if (!alone)
            {
                if (MemberProblem(committer.MemberId, committer.InstanceId, committer.Generation, out Member member) is { } problem)
                    return problem;
                if (State == GroupState.CompletingRebalance)
                    return KafkaError.RebalanceInProgress;
                member.Deadline = Now + member.SessionTimeoutMs;
            }
            if (!_state.TryWrite([.. offsets.Select(entry => StateLog.Change(OffsetRecord.Key(Id, entry.Partition), entry.Offset))]))
                return KafkaError.CoordinatorNotAvailable;
            foreach ((TopicPartition partition, OffsetRecord offset) in offsets)
                _offsets[partition] = offset;
            if (State == GroupState.Empty)
                _emptySince = Now;
            return KafkaError.None;
        }
    }

    /// <summary>Takes a transaction's offsets; the group metadata, where it is given, fences consumers that lost their partitions (KIP-447).</summary>
    public KafkaError CommitPending(long producerId, Committer committer, IReadOnlyList<(TopicPartition Partition, OffsetRecord Offset)> offsets)
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return KafkaError.CoordinatorNotAvailable;
            bool named = committer.MemberId.Length > 0 || committer.InstanceId is not null;
            if (named && IdentityProblem(committer.MemberId, committer.InstanceId, out _) is { } problem)
                return problem;
            if (committer.Generation >= 0 && committer.Generation != _generation)
                return KafkaError.IllegalGeneration;
            if (!_state.TryWrite([.. offsets.Select(entry => StateLog.Change(OffsetRecord.PendingKey(producerId, Id, entry.Partition), entry.Offset))]))
                return KafkaError.CoordinatorNotAvailable;
            Dictionary<TopicPartition, OffsetRecord> pending = PendingOf(producerId);
            foreach ((TopicPartition partition, OffsetRecord offset) in offsets)
                pending[partition] = offset;
            return KafkaError.None;
        }
    }

    /// <summary>Ends a transaction's hold on this group's offsets.</summary>
    /// <exception cref="IOException">It could not be written; the hold goes on.</exception>
    public void EndTransaction(long producerId, bool commit)
    {
        lock (_gate)
        {
            if (!_pending.TryGetValue(producerId, out Dictionary<TopicPartition, OffsetRecord>? pending))
                return;
            List<StateChange> changes = [.. pending.Keys.Select(partition => StateLog.Change(OffsetRecord.PendingKey(producerId, Id, partition), null))];
            if (commit)
                changes.AddRange(pending.Select(entry => StateLog.Change(OffsetRecord.Key(Id, entry.Key), entry.Value)));
            _state.Write([.. changes]);
            _pending.Remove(producerId);
            if (commit)
                foreach ((TopicPartition partition, OffsetRecord offset) in pending)
                    _offsets[partition] = offset;
        }
    }

    public IReadOnlyList<TopicPartition> CommittedPartitions()
    {
        lock (_gate)
            return [.. _offsets.Keys];
    }

    /// <summary>The committed offset, if there is one; <c>UnstableOffsetCommit</c> where a transaction may still change it and that matters.</summary>
    public (KafkaError Error, OffsetRecord? Offset) Committed(TopicPartition partition, bool requireStable)
    {
        lock (_gate)
            return requireStable && _pending.Values.Any(pending => pending.ContainsKey(partition))
                ? (KafkaError.UnstableOffsetCommit, null)
                : (KafkaError.None, _offsets.GetValueOrDefault(partition));
    }

    /// <summary>Whether offsets may be dropped on request at all: of a group with members only where these say what they are subscribed to.</summary>
    public KafkaError MayDeleteOffsets()
    {
        lock (_gate)
            return State switch
            {
                GroupState.Dead => KafkaError.GroupIdNotFound,
                GroupState.Empty => KafkaError.None,
                _ => _protocolType == ConsumerProtocol ? KafkaError.None : KafkaError.NonEmptyGroup,
            };
    }

    /// <summary>Drops an offset on request; not one of a topic that members are subscribed to, or may be, as they do not say.</summary>
    public KafkaError DeleteOffset(TopicPartition partition)
    {
        lock (_gate)
        {
            if (_members.Exists(member => Subscription(member.Metadata(_protocol)) is not { } topics || topics.Contains(partition.Topic)))
                return KafkaError.GroupSubscribedToTopic;
            _state.Write([.. ForgetOffsets(other => other == partition)]);
            return KafkaError.None;
        }
    }

    /// <summary>Drops the offsets of a topic that is no more.</summary>
    public void Forget(string topic)
    {
        lock (_gate)
            _state.Write([.. ForgetOffsets(partition => partition.Topic == topic)]);
    }

    private Dictionary<TopicPartition, OffsetRecord> PendingOf(long producerId)
    {
        if (!_pending.TryGetValue(producerId, out Dictionary<TopicPartition, OffsetRecord>? pending))
            _pending[producerId] = pending = [];
        return pending;
    }

    private List<StateChange> ForgetOffsets(Func<TopicPartition, bool> which)
    {
        List<StateChange> changes = [];
        foreach (TopicPartition partition in _offsets.Keys.Where(which).ToArray())
        {
            _offsets.Remove(partition);
            changes.Add(StateLog.Change(OffsetRecord.Key(Id, partition), null));
        }
        return changes;
    }

    /// <summary>The topics of a consumer's subscription: version 2, then an array of strings (ConsumerProtocolSubscription); null: it cannot be read.</summary>
    private static List<string>? Subscription(ReadOnlySpan<byte> metadata)
    {
        if (metadata.Length < 6)
            return null;
        List<string> topics = [];
        int count = BinaryPrimitives.ReadInt32BigEndian(metadata[2..]);
        int position = 6;
        for (int index = 0; index < count; index++)
        {
            if (metadata.Length - position < 2)
                return null;
            int length = BinaryPrimitives.ReadInt16BigEndian(metadata[position..]);
            position += 2;
            if (length < 0 || length > metadata.Length - position)
                return null;
            topics.Add(Encoding.UTF8.GetString(metadata.Slice(position, length)));
            position += length;
        }
        return topics;
    }
}
