using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Threads;

internal sealed partial class StreamThread
{
    /// <summary>A reason that no repetition mends may be a broker's passing mood; so many commits in a row lost to it are not.</summary>
    private const int MostFailures = 5;

    /// <summary>A group forgets offsets of topics that no member subscribes to, by default after a week; those of quiet followers are committed again before.</summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromHours(1);

    private readonly List<CommitOffset> _offsets = [];
    private long _lastRefresh;
    private TimeSpan _lastDuration;
    private int _failures;
    private bool _mustSeek;

    private bool CommitNeeded()
    {
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State == TaskState.Running && task.CommitNeeded)
                return true;
        }
        return false;
    }

    /// <summary>When the next commit is to begin, from the beginning of the last: early enough to end within the interval, as long as there is time to spare. A thread that is busy
    /// would only pay for more of them.</summary>
    private TimeSpan CommitPause(bool busy)
    {
        TimeSpan most = Options.CommitInterval / 4;
        return Options.CommitInterval - (busy ? TimeSpan.Zero : _lastDuration < most ? _lastDuration : most);
    }

    private bool CommitIsDue(bool busy)
    {
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.CommitRequested)
                return true;
        }
        return ReadersWait() || Clock.GetElapsedTime(_lastCommit) >= CommitPause(busy);
    }

    private void RefreshOffsets()
    {
        if (Clock.GetElapsedTime(_lastRefresh) < RefreshInterval)
            return;
        _lastRefresh = Clock.GetTimestamp();
        foreach (StreamTask task in _tasks.Values)
        {
            foreach (PartitionQueue input in task.Inputs)
                input.Moved |= task.State == TaskState.Running && input.CommitOffset >= 0;
        }
    }

    /// <summary>Commits all that the thread's tasks have done: stores first, then the producer's records and all offsets in one transaction.</summary>
    private void Commit()
    {
        if (!CommitNeeded())
        {
            Publish();
            return;
        }
        _lastCommit = Clock.GetTimestamp();
        _offsets.Clear();
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State != TaskState.Running || !task.CommitNeeded)
                continue;
            task.Flush();
            foreach (PartitionQueue input in task.Inputs)
            {
                if (input.Moved)
                    _offsets.Add(new CommitOffset(input.Topic, input.Partition, input.CommitOffset, input.PartitionTime));
            }
        }
        _producer.Commit(_offsets, _consumerHandle);
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State == TaskState.Running)
                task.Committed();
        }
        _failures = 0;
        Publish();
        _purger.Committed(_offsets);
        long ended = Clock.GetTimestamp();
        _lastDuration = Clock.GetElapsedTime(_lastCommit, ended);
        Metrics.Commit.Record(Milliseconds(_lastCommit, ended), ended);
    }

    /// <summary>Undoes what was not committed: aborts or replaces the producer, throws the tasks away and builds them again for the same
    /// partitions from the committed offsets. If the group has given the partitions to others meanwhile, the next poll tells.</summary>
    private void Recover(TransactionLostException lost)
    {
        Log.TransactionLost(lost, Name, lost.Message);
        if (lost.InnerException is KafkaException { Error.Code: var code } && IsLasting(code) && ++_failures >= MostFailures)
            throw new StreamsException($"{Options.ApplicationId} cannot commit: {lost.Message} It was tried {_failures} times; mend the cause, then start it again.", lost);
        ResumeAll();
        TaskId[] lostTasks = [.. _tasks.Keys];
        DropAll();
        if (lost.ProducerUnusable || !_producer.TryAbort())
        {
            _producer.Dispose();
            if (!OpenProducer())
                return;
        }
        _stopped.Wait(Backoff.Delay(0));
        foreach (TaskId id in lostTasks)
            AddTask(id, _graph.SubTopologies[id.SubTopology]);
        ForgetHandles();
        _mustSeek = _tasks.Count > 0;
        if (State == ThreadState.Running)
            MoveTo(ThreadState.PartitionsAssigned);
        AnnounceIfRunning();
    }

    /// <summary>What the broker will most likely say again.</summary>
    private static bool IsLasting(ErrorCode code) => IsRefusal(code) || code is
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsg or ErrorCode.InvalidRecord or ErrorCode.PolicyViolation or
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition;
}
