namespace Assay.Streams;

/// <summary>The states of a <see cref="KafkaStreams"/>.</summary>
public enum StreamsState
{
    Created,
    /// <summary>Partitions are being assigned, or their state is being restored.</summary>
    Rebalancing,
    /// <summary>Every assigned partition is being processed.</summary>
    Running,
    PendingShutdown,
    /// <summary>Closed as asked.</summary>
    NotRunning,
    /// <summary>A thread died and the others are closing.</summary>
    PendingError,
    /// <summary>Stopped for a reason that a person must mend.</summary>
    Error,
}

internal static class StreamsStates
{
    public static bool CanBecome(this StreamsState from, StreamsState to) => from switch
    {
        StreamsState.Created => to is StreamsState.Rebalancing or StreamsState.PendingShutdown or StreamsState.PendingError,
        StreamsState.Rebalancing => to is StreamsState.Running or StreamsState.PendingShutdown or StreamsState.PendingError,
        StreamsState.Running => to is StreamsState.Rebalancing or StreamsState.PendingShutdown or StreamsState.PendingError,
        StreamsState.PendingShutdown => to is StreamsState.NotRunning or StreamsState.PendingError,
        StreamsState.PendingError => to is StreamsState.Error,
        _ => false,
    };
}
