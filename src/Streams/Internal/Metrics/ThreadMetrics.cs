namespace Assay.Streams.Internal.Metrics;

/// <summary>What a stream thread counts. Values are milliseconds.</summary>
internal sealed class ThreadMetrics(TimeProvider clock, string threadName)
{
    public KeyValuePair<string, object?>[] Tags { get; } = [new("thread-id", threadName)];

    public Sensor Process { get; } = new(clock);

    public Sensor Poll { get; } = new(clock);

    /// <summary>Its values are numbers of records.</summary>
    public Sensor PolledRecords { get; } = new(clock);

    public Sensor Commit { get; } = new(clock);

    public Sensor Punctuate { get; } = new(clock);

    public Sensor TasksCreated { get; } = new(clock);

    public Sensor TasksClosed { get; } = new(clock);

    /// <summary>The tasks as they were when one last came or went.</summary>
    public IReadOnlyList<TaskMetrics> Tasks { get; set; } = [];
}
