namespace Assay.Streams.Internal.Metrics;

/// <summary>What a task counts; written by its thread.</summary>
internal sealed class TaskMetrics(TimeProvider clock, string threadName, TaskId id)
{
    public KeyValuePair<string, object?>[] Tags { get; } = [new("thread-id", threadName), new("task-id", id.ToString())];

    /// <summary>Records; its values are milliseconds.</summary>
    public Sensor Process { get; } = new(clock);

    /// <summary>Records that came after later ones; its values are milliseconds behind stream time.</summary>
    public Sensor Lateness { get; } = new(clock);

    public Sensor Dropped { get; } = new(clock);

    /// <summary>Records of changelogs.</summary>
    public Sensor Restored { get; } = new(clock);

    /// <summary>Offsets of changelogs that are still to be read.</summary>
    public long RestoreRemaining { get; set; }

    /// <summary>Records that wait in the task's queues.</summary>
    public int Buffered { get; set; }

    public IReadOnlyList<SinkMetrics> Sinks { get; set; } = [];

    public void Add(TaskBatch batch, double milliseconds, long now)
    {
        if (batch.Processed > 0)
        {
            Process.Record(batch.Processed, milliseconds, milliseconds / batch.Processed, now);
            Lateness.Record(batch.Processed, batch.LatenessSum, batch.LatenessMax, now);
        }
        if (batch.Dropped > 0)
            Dropped.Record(batch.Dropped, 0, 0, now);
        if (batch.Restored > 0)
            Restored.Record(batch.Restored, 0, 0, now);
    }
}

/// <summary>What a sink counts.</summary>
internal sealed class SinkMetrics(TimeProvider clock, KeyValuePair<string, object?>[] taskTags, string node)
{
    public KeyValuePair<string, object?>[] Tags { get; } = [.. taskTags, new("processor-node-id", node)];

    /// <summary>Milliseconds from a record's time to when it was sent; one sample a batch.</summary>
    public Sensor EndToEnd { get; } = new(clock);
}

/// <summary>Counts of one batch of a task's, as plain fields: what a record costs.</summary>
internal struct TaskBatch
{
    public int Processed;
    public int Dropped;
    public int Restored;
    public double LatenessSum;
    public long LatenessMax;
}
