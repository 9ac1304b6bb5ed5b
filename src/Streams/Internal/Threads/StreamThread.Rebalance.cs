using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Threads;

/// <remarks>
/// The group assigns cooperatively: tasks that stay run on, only those that move are revoked. No cooperative strategy of librdkafka keeps
/// the same partitions of several topics together, so members subscribe to one topic of each sub-topology, its leader; who gets a partition of
/// that has the task of that number, and adds its partitions of the other inputs itself. The broker takes their commits from any member
/// of the current generation, and only the owner of the leader makes them.
/// The handlers run inside a poll, on the thread; what they throw waits for that poll's end.
/// </remarks>
internal sealed partial class StreamThread
{
    private static readonly TimeSpan CommittedBound = TimeSpan.FromSeconds(2);

    private void OnAssigned(List<TopicPartition> leaders)
    {
        try
        {
            foreach (TopicPartition leader in leaders)
            {
                (TaskId id, SubTopology subTopology) = TaskOf(leader);
                if (id.Partition >= _partitionCounts[leader.Topic])
                    throw _topics.Grown(leader.Topic, _partitionCounts[leader.Topic]);
                NativeAssignment.Add(_consumerHandle, Followers(leader));
                AddTask(id, subTopology);
            }
            ForgetHandles();
            Log.Assigned(Name, leaders.Count == 0 ? "nothing new" : "tasks " + string.Join(", ", leaders.Select(leader => TaskOf(leader).Id)));
            if (State != ThreadState.Running || leaders.Count > 0)
                MoveTo(ThreadState.PartitionsAssigned);
            AnnounceIfRunning();
            _standbys?.Rebalanced();
        }
        catch (Exception exception)
        {
            _rebalanceFailure = exception;
        }
    }

    private void OnRevoked(List<TopicPartition> leaders)
    {
        ResumeAll();
        try
        {
            // All tasks of the thread share the transaction: those that stay commit as well (rule 4). When closing, the last commit is done.
            if (State != ThreadState.PendingShutdown)
                Commit();
        }
        catch (Exception exception)
        {
            _rebalanceFailure = exception;
        }
        Remove(leaders);
    }

    /// <summary>Others may have the partitions already: nothing of the last work may be committed (rule 5).</summary>
    private void OnLost(List<TopicPartition> leaders)
    {
        ResumeAll();
        Log.PartitionsLost(Name);
        DropAll();
        Remove(leaders);
        if (_producer.InTransaction && !_producer.TryAbort())
            _rebalanceFailure = new TransactionLostException("The transaction could not be aborted.", producerUnusable: true, new InvalidOperationException());
    }

    /// <summary>Forgets tasks that go, before the client lets the group know.</summary>
    private void Remove(List<TopicPartition> leaders)
    {
        try
        {
            foreach (TopicPartition leader in leaders)
            {
                if (_tasks.TryGetValue(TaskOf(leader).Id, out StreamTask? task))
                    Drop(task);
                NativeAssignment.Remove(_consumerHandle, Followers(leader));
            }
            ForgetHandles();
            if (State != ThreadState.PendingShutdown)
                MoveTo(ThreadState.PartitionsRevoked);
        }
        catch (Exception exception)
        {
            _rebalanceFailure ??= exception;
        }
    }

    private (TaskId Id, SubTopology SubTopology) TaskOf(TopicPartition leader)
    {
        SubTopology subTopology = _graph.SubTopologies.First(candidate => candidate.InputTopics.Contains(leader.Topic));
        return (new TaskId(subTopology.Id, leader.Partition), subTopology);
    }

    /// <summary>The partitions that a task reads besides its leader's.</summary>
    private List<TopicPartition> Followers(TopicPartition leader) => [.. InputsOf(TaskOf(leader).SubTopology, leader.Partition)
        .Where(topic => topic != leader.Topic).Select(topic => new TopicPartition(topic, leader.Partition))];

    /// <summary>Inputs that share no state may have fewer partitions than the leader.</summary>
    private IEnumerable<string> InputsOf(SubTopology subTopology, int partition) => subTopology.InputTopics.Where(topic => partition < _partitionCounts[topic]);

    /// <summary>Makes a task, or takes over the standby that this instance has of it.</summary>
    private void AddTask(TaskId id, SubTopology subTopology)
    {
        _published = null;
        StreamTask? standby = _standbys?.Take(id);
        if (standby is not null)
            standby.Collector = _producer;
        _tasks.Add(id, standby ?? new StreamTask(id, subTopology, [.. InputsOf(subTopology, id.Partition)], _environment, _producer));
    }

    /// <summary>Asks where the group's commits stand for tasks that are new, then lets them restore.</summary>
    private void LoadCommitted()
    {
        List<StreamTask>? created = null;
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State == TaskState.Created)
                (created ??= []).Add(task);
        }
        if (created is null)
            return;
        List<CommitOffset> committed;
        try
        {
            committed = CommitOffsets.Committed(
                _consumerHandle, [.. created.SelectMany(task => task.Inputs).Select(input => new TopicPartition(input.Topic, input.Partition))], CommittedBound);
        }
        catch (KafkaException exception) when (!IsRefusal(exception.Error.Code))
        {
            // Asked again after the next poll, which the group must not miss meanwhile.
            Log.KafkaUnavailable($"{Name}: committed offsets", 0, exception.Error.Reason);
            return;
        }
        if (!SeekIfNeeded(committed))
            return;
        foreach (CommitOffset offset in committed)
        {
            PartitionQueue input = created.SelectMany(task => task.Inputs).First(input => input.Topic == offset.Topic && input.Partition == offset.Partition);
            input.Begin(offset.Offset, offset.PartitionTime);
        }
        foreach (StreamTask task in created)
        {
            task.MoveTo(TaskState.Restoring);
            _restorer.Add(task);
        }
    }

    /// <summary>After a recovery the client is ahead of what was committed. False where it could not be set back now.</summary>
    private bool SeekIfNeeded(List<CommitOffset> committed)
    {
        if (!_mustSeek)
            return true;
        try
        {
            NativeAssignment.Seek(_consumerHandle, committed);
        }
        catch (KafkaException exception)
        {
            Log.KafkaUnavailable($"{Name}: setting back its inputs", 0, exception.Error.Reason);
            return false;
        }
        _mustSeek = false;
        return true;
    }

    private void AnnounceIfRunning()
    {
        if (State != ThreadState.PartitionsAssigned)
            return;
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State != TaskState.Running)
                return;
        }
        MoveTo(ThreadState.Running);
    }

    private void Drop(StreamTask task)
    {
        _published = null;
        if (task.State == TaskState.Restoring)
            _restorer.Remove(task);
        task.Close();
        _tasks.Remove(task.Id);
        _standbys?.Release(task.Id);
    }

    private void DropAll()
    {
        foreach (StreamTask task in _tasks.Values.ToArray())
            Drop(task);
        ForgetHandles();
        _mustSeek = false;
    }
}
