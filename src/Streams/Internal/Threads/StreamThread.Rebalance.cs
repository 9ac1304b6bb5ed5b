using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Threads;

/// <remarks>
/// The group assigns eagerly by range: every rebalance revokes all and assigns anew. So that this costs no restore, a revoked task that has
/// committed is only suspended; if the next assignment brings its partitions back and nobody else has worked on them, it runs on as it is.
/// The handlers run inside a poll, on the thread; what they throw waits for that poll's end.
/// </remarks>
internal sealed partial class StreamThread
{
    private static readonly TimeSpan CommittedBound = TimeSpan.FromSeconds(2);
    private List<TopicPartition> _assignment = [];

    private void OnAssigned(List<TopicPartition> partitions)
    {
        try
        {
            _assignment = partitions;
            Dictionary<TaskId, (SubTopology SubTopology, List<string> Topics)> wanted = Group(partitions);
            foreach (StreamTask task in _tasks.Values.Where(task => !wanted.ContainsKey(task.Id)).ToArray())
                Drop(task);
            foreach ((TaskId id, (SubTopology subTopology, List<string> topics)) in wanted)
            {
                if (_tasks.TryGetValue(id, out StreamTask? known))
                {
                    if (StandsAsCommitted(known))
                    {
                        known.MoveTo(TaskState.Running);
                        continue;
                    }
                    Drop(known);
                }
                _tasks.Add(id, new StreamTask(id, subTopology, topics, _environment, _producer));
            }
            ForgetHandles();
            Log.Assigned(Name, _tasks.Count == 0 ? "nothing" : "tasks " + string.Join(", ", _tasks.Keys));
            if (State == ThreadState.Running)
                MoveTo(ThreadState.PartitionsRevoked);
            MoveTo(ThreadState.PartitionsAssigned);
            AnnounceIfRunning();
        }
        catch (Exception exception)
        {
            _rebalanceFailure = exception;
        }
    }

    /// <summary>Whether nobody has worked on a suspended task's partitions meanwhile: between two assignments that this member saw there may have been one
    /// that it missed, and its state would be that of before.</summary>
    private bool StandsAsCommitted(StreamTask task)
    {
        try
        {
            return CommitOffsets.Committed(_consumerHandle, [.. task.Inputs.Select(input => new TopicPartition(input.Topic, input.Partition))], CommittedBound)
                .TrueForAll(committed => task.Inputs.Any(
                    input => input.Topic == committed.Topic && input.Partition == committed.Partition && input.CommitOffset == committed.Offset));
        }
        catch (KafkaException exception) when (!IsRefusal(exception.Error.Code))
        {
            return false;
        }
    }

    private void OnRevoked()
    {
        ResumeAll();
        // Closing: the last commit is done.
        if (_tasks.Count == 0 || State == ThreadState.PendingShutdown)
        {
            _assignment = [];
            return;
        }
        try
        {
            Commit();
            foreach (StreamTask task in _tasks.Values.ToArray())
            {
                if (task.State == TaskState.Running)
                    task.Suspend();
                else
                    Drop(task);
            }
            ForgetHandles();
        }
        catch (TransactionLostException lost)
        {
            DropAll();
            _rebalanceFailure = lost;
        }
        catch (Exception exception)
        {
            _rebalanceFailure = exception;
        }
        _assignment = [];
        _mustSeek = false;
        MoveTo(ThreadState.PartitionsRevoked);
    }

    /// <summary>Others may have the partitions already: nothing of the last work may be committed (rule 5).</summary>
    private void OnLost()
    {
        ResumeAll();
        Log.PartitionsLost(Name);
        DropAll();
        _assignment = [];
        if (State != ThreadState.PendingShutdown)
            MoveTo(ThreadState.PartitionsRevoked);
        if (_producer.InTransaction && !_producer.TryAbort())
            _rebalanceFailure = new TransactionLostException("The transaction could not be aborted.", producerUnusable: true, new InvalidOperationException());
    }

    /// <summary>The tasks of an assignment.</summary>
    private Dictionary<TaskId, (SubTopology SubTopology, List<string> Topics)> Group(List<TopicPartition> partitions)
    {
        Dictionary<TaskId, (SubTopology SubTopology, List<string> Topics)> tasks = [];
        foreach (TopicPartition partition in partitions)
        {
            SubTopology subTopology = _graph.SubTopologies.First(candidate => candidate.InputTopics.Contains(partition.Topic));
            TaskId id = new(subTopology.Id, partition.Partition.Value);
            if (id.Partition >= _partitionCounts[partition.Topic])
            {
                throw new StreamsException(
                    $"Topic '{partition.Topic}' had {_partitionCounts[partition.Topic]} partitions when {Options.ApplicationId} started and has grown: keys have moved between partitions. " +
                    "Without state, start it again; with state, start it under another application id.");
            }
            if (!tasks.TryGetValue(id, out (SubTopology SubTopology, List<string> Topics) task))
                tasks.Add(id, task = (subTopology, []));
            task.Topics.Add(partition.Topic);
        }
        foreach ((TaskId id, (SubTopology subTopology, List<string> topics)) in tasks)
        {
            string? missing = subTopology.InputTopics.FirstOrDefault(topic => id.Partition < _partitionCounts[topic] && !topics.Contains(topic));
            if (missing is not null)
            {
                throw new StreamsException(
                    $"The group gave this instance {topics[0]}-{id.Partition} but not {missing}-{id.Partition}, which one task reads together: " +
                    $"members with another topology or assignment strategy are in the group '{Options.ApplicationId}'; stop them.");
            }
        }
        return tasks;
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
        if (!_mustSeek)
            return;
        _consumer.Assign(committed.Select(offset => new TopicPartitionOffset(offset.Topic, offset.Partition, offset.Offset < 0 ? Offset.Beginning : offset.Offset)));
        ForgetHandles();
        _mustSeek = false;
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
        if (task.State == TaskState.Restoring)
            _restorer.Remove(task);
        task.Close();
        _tasks.Remove(task.Id);
    }

    private void DropAll()
    {
        foreach (StreamTask task in _tasks.Values.ToArray())
            Drop(task);
        ForgetHandles();
        _mustSeek = false;
    }
}
