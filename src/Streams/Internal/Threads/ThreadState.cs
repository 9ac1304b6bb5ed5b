namespace Assay.Streams.Internal.Threads;

/// <summary>The states of a stream thread, as in Kafka Streams.</summary>
internal enum ThreadState
{
    Created,
    Starting,
    PartitionsRevoked,
    /// <summary>Assigned; some task is still restoring.</summary>
    PartitionsAssigned,
    Running,
    PendingShutdown,
    Dead,
}

internal static class ThreadStates
{
    public static bool CanBecome(this ThreadState from, ThreadState to) => from switch
    {
        ThreadState.Created => to is ThreadState.Starting or ThreadState.PendingShutdown,
        ThreadState.Starting => to is ThreadState.PartitionsRevoked or ThreadState.PartitionsAssigned or ThreadState.PendingShutdown,
        ThreadState.PartitionsRevoked => to is ThreadState.PartitionsAssigned or ThreadState.PendingShutdown,
        ThreadState.PartitionsAssigned => to is ThreadState.Running or ThreadState.PartitionsRevoked or ThreadState.PendingShutdown,
        ThreadState.Running => to is ThreadState.PartitionsRevoked or ThreadState.PartitionsAssigned or ThreadState.PendingShutdown,
        ThreadState.PendingShutdown => to is ThreadState.Dead,
        _ => false,
    };

    /// <summary>As Kafka Streams prints it.</summary>
    public static string KafkaName(this ThreadState state) => state switch
    {
        ThreadState.PartitionsRevoked => "PARTITIONS_REVOKED",
        ThreadState.PartitionsAssigned => "PARTITIONS_ASSIGNED",
        ThreadState.PendingShutdown => "PENDING_SHUTDOWN",
        _ => state.ToString().ToUpperInvariant(),
    };
}
