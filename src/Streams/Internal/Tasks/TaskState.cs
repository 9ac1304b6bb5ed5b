namespace Assay.Streams.Internal.Tasks;

/// <summary>The states of a task.</summary>
internal enum TaskState
{
    /// <summary>Assigned; where its inputs begin is not known yet.</summary>
    Created,
    /// <summary>Its stores are being filled from their changelogs.</summary>
    Restoring,
    Running,
    Closed,
}

internal static class TaskStates
{
    public static bool CanBecome(this TaskState from, TaskState to) => from switch
    {
        TaskState.Created => to is TaskState.Restoring or TaskState.Closed,
        TaskState.Restoring => to is TaskState.Running or TaskState.Closed,
        TaskState.Running => to is TaskState.Closed,
        _ => false,
    };

    /// <summary>As Kafka Streams prints it.</summary>
    public static string KafkaName(this TaskState state) => state.ToString().ToUpperInvariant();
}
