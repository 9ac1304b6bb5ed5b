using Assay.Streams.Internal.Metrics;
using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Threads;

/// <remarks>Measured by the batch: two looks at the clock for up to 2,000 records.</remarks>
internal sealed partial class StreamThread
{
    private readonly Dictionary<TaskId, MeasuredTask> _measured = [];

    public ThreadMetrics Metrics { get; }

    private double Milliseconds(long from, long to) => Clock.GetElapsedTime(from, to).TotalMilliseconds;

    /// <summary>Begins to count for the tasks that came and forgets those that went.</summary>
    private void MeasureTasks()
    {
        long now = Clock.GetTimestamp();
        foreach (TaskId id in _measured.Keys.Where(id => !_tasks.ContainsKey(id)).ToArray())
        {
            _measured.Remove(id);
            Metrics.TasksClosed.Record(0, now);
        }
        foreach (StreamTask task in _tasks.Values)
        {
            if (_measured.TryGetValue(task.Id, out MeasuredTask? known) && known.Task == task)
                continue;
            _measured[task.Id] = new MeasuredTask(Clock, Name, task);
            Metrics.TasksCreated.Record(0, now);
        }
        Metrics.Tasks = [.. _tasks.Keys.Select(id => _measured[id].Metrics)];
    }

    /// <summary>Counts what a task did since <paramref name="began"/>; gives the time now.</summary>
    private long Measure(StreamTask task, long began)
    {
        long now = Clock.GetTimestamp();
        TaskBatch batch = task.TakeBatch();
        double milliseconds = Milliseconds(began, now);
        if (batch.Processed > 0)
            Metrics.Process.Record(batch.Processed, milliseconds, milliseconds / batch.Processed, now);
        _measured[task.Id].Add(batch, milliseconds, now);
        return now;
    }

    private sealed class MeasuredTask
    {
        private readonly TimeProvider _clock;
        private readonly (IMeasuredSink Node, SinkMetrics Metrics)[] _sinks;
        private readonly long[] _sent;

        public MeasuredTask(TimeProvider clock, string threadName, StreamTask task)
        {
            _clock = clock;
            Task = task;
            Metrics = new TaskMetrics(clock, threadName, task.Id);
            _sinks = [.. task.Sinks.Select(sink => (sink, new SinkMetrics(clock, Metrics.Tags, sink.Name)))];
            _sent = new long[_sinks.Length];
            Metrics.Sinks = [.. _sinks.Select(sink => sink.Metrics)];
        }

        public StreamTask Task { get; }

        public TaskMetrics Metrics { get; }

        public void Add(TaskBatch batch, double milliseconds, long now)
        {
            Metrics.Add(batch, milliseconds, now);
            Metrics.Buffered = Task.Inputs.Sum(static input => input.Count);
            for (int i = 0; i < _sinks.Length; i++)
            {
                (IMeasuredSink node, SinkMetrics metrics) = _sinks[i];
                if (node.Sent == _sent[i])
                    continue;
                _sent[i] = node.Sent;
                metrics.EndToEnd.Record(_clock.GetUtcNow().ToUnixTimeMilliseconds() - node.LastTimestamp, now);
            }
        }
    }
}
