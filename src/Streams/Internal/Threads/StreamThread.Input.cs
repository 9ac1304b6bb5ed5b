using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Threads;

internal sealed partial class StreamThread
{
    private readonly Dictionary<nint, PartitionQueue?[]> _queues = [];
    private readonly HashSet<TopicPartition> _pausedPartitions = [];
    private nint _lastTopic;
    private PartitionQueue?[] _lastQueues = [];
    private Exception? _rebalanceFailure;

    /// <summary>Fetches messages into the tasks' queues; rebalance handlers run inside.</summary>
    private void Poll(int timeoutMs)
    {
        long began = Clock.GetTimestamp();
        ReadOnlySpan<nint> messages = _poller.Poll(timeoutMs);
        foreach (nint message in messages)
            Take(message);
        long ended = Clock.GetTimestamp();
        Metrics.Poll.Record(Milliseconds(began, ended), ended);
        Metrics.PolledRecords.Record(messages.Length, ended);
        if (_rebalanceFailure is { } failure)
        {
            _rebalanceFailure = null;
            throw failure is TransactionLostException lost ? new TransactionLostException(lost.Message, lost.ProducerUnusable, lost) : failure;
        }
        PauseAndResume();
    }

    private void Take(nint message)
    {
        int error = NativeMessage.Error(message);
        // Without a queue: of a partition that was revoked while the message was on its way, or fetched ahead of where a recovery will set it back.
        PartitionQueue? queue = NativeMessage.TopicHandle(message) != 0 && !_mustSeek ? QueueOf(message) : null;
        if (error == 0 && queue is not null)
        {
            queue.Enqueue(new RawRecord(message, NativeMessage.Offset(message), NativeMessage.Timestamp(message)));
            return;
        }
        string text = error is 0 or NativeMessage.PartitionEof ? "" : NativeMessage.ErrorText(message);
        if (error == NativeMessage.PartitionEof)
            queue?.EndReached(NativeMessage.Offset(message));
        NativeMessage.Destroy(message);
        if (text.Length > 0)
            OnConsumerError((ErrorCode)error, text);
    }

    private PartitionQueue? QueueOf(nint message)
    {
        nint topic = NativeMessage.TopicHandle(message);
        if (topic != _lastTopic)
        {
            if (!_queues.TryGetValue(topic, out PartitionQueue?[]? queues))
                _queues.Add(topic, queues = FindQueues(NativeMessage.TopicName(message)));
            _lastTopic = topic;
            _lastQueues = queues;
        }
        int partition = NativeMessage.Partition(message);
        return partition < _lastQueues.Length ? _lastQueues[partition] : null;
    }

    private PartitionQueue?[] FindQueues(string topic)
    {
        PartitionQueue?[] queues = new PartitionQueue?[_partitionCounts[topic]];
        foreach (StreamTask task in _tasks.Values)
        {
            foreach (PartitionQueue input in task.Inputs)
            {
                if (input.Topic == topic)
                    queues[input.Partition] = input;
            }
        }
        return queues;
    }

    /// <summary>Handles of topics and their queues hold until the assignment changes.</summary>
    private void ForgetHandles()
    {
        MeasureTasks();
        _queues.Clear();
        _lastTopic = 0;
        _lastQueues = [];
    }

    private int Buffered()
    {
        int buffered = 0;
        foreach (StreamTask task in _tasks.Values)
        {
            foreach (PartitionQueue input in task.Inputs)
                buffered += input.Count;
        }
        return buffered;
    }

    /// <summary>Tasks that wait to hear whether an empty input has more: the client may know from its last fetch, long before it sends an event.
    /// Whether any has learnt it.</summary>
    private bool LearnEnds()
    {
        bool learnt = false;
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State != TaskState.Running || task.Inputs.Count == 1)
                continue;
            foreach (PartitionQueue input in task.Inputs)
            {
                if (!input.WantsEnd || LibRdKafka.GetWatermarkOffsets(_consumerHandle, input.Topic, input.Partition, out _, out long high) != 0 || high < 0)
                    continue;
                input.EndKnown(high);
                learnt |= input.CaughtUp;
            }
        }
        return learnt;
    }

    /// <summary>Pauses what is far ahead of a task that can't go on, with a wide gap before it resumes: a pause throws prefetched records away.</summary>
    private void PauseAndResume()
    {
        foreach (StreamTask task in _tasks.Values)
        {
            foreach (PartitionQueue input in task.Inputs)
            {
                if (input.Count > Options.BufferedRecordsPerPartition)
                {
                    TopicPartition partition = new(input.Topic, input.Partition);
                    if (_pausedPartitions.Add(partition))
                        _consumer.Pause([partition]);
                }
                else if (_pausedPartitions.Count > 0 && input.Count <= Options.BufferedRecordsPerPartition / 2)
                {
                    TopicPartition partition = new(input.Topic, input.Partition);
                    if (_pausedPartitions.Remove(partition))
                        _consumer.Resume([partition]);
                }
            }
        }
    }

    /// <summary>Before partitions go: librdkafka would remember the pause if they came back.</summary>
    private void ResumeAll()
    {
        if (_pausedPartitions.Count > 0)
            _consumer.Resume(_pausedPartitions);
        _pausedPartitions.Clear();
    }

    private void OnConsumerError(ErrorCode code, string reason)
    {
        if (IsRefusal(code))
            throw Refused(new Error(code, reason), null);
        Log.ConsumerError(Name, reason);
    }

    /// <summary>Called on the polling thread; what is fatal for the client ends this thread at its next poll.</summary>
    private void OnClientError(Error error)
    {
        if (error.IsFatal)
            _rebalanceFailure = Refused(error, null);
        else
            Log.ClientError(Name, error.Reason);
    }

    /// <summary>What no waiting mends.</summary>
    private static bool IsRefusal(ErrorCode code) => code is
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or
        ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication or
        ErrorCode.FencedInstanceId or ErrorCode.Local_Fatal or ErrorCode.UnsupportedVersion or ErrorCode.InvalidTransactionTimeout or
        ErrorCode.InvalidSessionTimeout or ErrorCode.InconsistentGroupProtocol;

    private StreamsException Refused(Error error, Exception? inner)
    {
        string mend = error.Code == ErrorCode.FencedInstanceId
            ? $"another instance runs under the same {nameof(StreamsOptions.GroupInstanceId)} '{Options.GroupInstanceId}'; give each its own."
            : "Kafka refuses this application; check its rights and its settings.";
        string message = $"{Options.ApplicationId} cannot go on: {error.Reason} ({error.Code}): {mend}";
        return inner is null ? new StreamsException(message) : new StreamsException(message, inner);
    }
}
