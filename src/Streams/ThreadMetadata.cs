namespace Assay.Streams;

/// <summary>A stream thread as it was within the last second or so.</summary>
/// <param name="ThreadName">Ends in <c>-StreamThread-N</c>.</param>
/// <param name="ThreadState">As Kafka Streams names it, such as <c>RUNNING</c>.</param>
/// <param name="ActiveTasks">What it processes.</param>
public sealed record ThreadMetadata(string ThreadName, string ThreadState, IReadOnlyList<TaskMetadata> ActiveTasks);

/// <summary>A task.</summary>
/// <param name="TaskId">Which.</param>
/// <param name="State"><c>CREATED</c>, <c>RESTORING</c> or <c>RUNNING</c>.</param>
/// <param name="StreamTime">The highest timestamp it has taken, ms since the epoch; −1: none.</param>
/// <param name="Partitions">Its inputs.</param>
/// <param name="RestoreRemaining">Offsets of its changelogs that are still to be read.</param>
public sealed record TaskMetadata(TaskId TaskId, string State, long StreamTime, IReadOnlyList<TaskPartition> Partitions, long RestoreRemaining);

/// <summary>An input of a task.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Position">Of the next record to process; −1: not known yet.</param>
/// <param name="EndOffset">The end as the last fetch saw it, −1: not known yet.</param>
public sealed record TaskPartition(string Topic, int Partition, long Position, long EndOffset)
{
    /// <summary>Offsets that are still to be processed.</summary>
    public long Lag => Position < 0 || EndOffset < 0 ? 0 : Math.Max(0, EndOffset - Position);
}
