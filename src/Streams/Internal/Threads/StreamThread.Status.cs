using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Metrics;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Threads;

/// <remarks>Once a second the thread writes down how it stands, for whoever asks from other threads.</remarks>
internal sealed partial class StreamThread
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);
    private long _lastStatus;
    private volatile IReadOnlyList<TaskMetadata> _taskStatus = [];

    public ThreadMetadata Status => new(Name, State.KafkaName(), _taskStatus);

    private void PublishStatus()
    {
        if (_lastStatus != 0 && Clock.GetElapsedTime(_lastStatus) < StatusInterval)
            return;
        _lastStatus = Clock.GetTimestamp();
        List<TaskMetadata> tasks = [];
        foreach (StreamTask task in _tasks.Values)
        {
            TaskMetrics metrics = _measured[task.Id].Metrics;
            metrics.Add(task.TakeBatch(), 0, _lastStatus);
            metrics.RestoreRemaining = _restorer.Remaining(task);
            tasks.Add(new TaskMetadata(task.Id, task.State.KafkaName(), task.StreamTime, [.. task.Inputs.Select(Partition)], metrics.RestoreRemaining));
        }
        _taskStatus = tasks;
    }

    private TaskPartition Partition(PartitionQueue input) => new(
        input.Topic, input.Partition, input.CommitOffset,
        LibRdKafka.GetWatermarkOffsets(_consumerHandle, input.Topic, input.Partition, out _, out long high) == 0 ? Math.Max(high, -1) : -1);
}
