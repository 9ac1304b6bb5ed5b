namespace Assay.Streams.Internal.State;

/// <summary>A store as its task sees it: filled from a changelog, and asked before each commit for what has changed since the last.</summary>
/// <remarks>A store keeps typed values and remembers which keys are dirty; it serializes each dirty key once per commit. After a commit that
/// failed its content is ahead of the changelog, and the task throws it away.</remarks>
internal abstract class ManagedStore(string name, string changelogTopic) : IStateStore
{
    public string Name { get; } = name;

    public string ChangelogTopic { get; } = changelogTopic;

    /// <summary>Takes over one record of the changelog.</summary>
    public abstract void Restore(RawBytes key, RawBytes value, long timestamp);

    /// <summary>Writes the dirty entries to the changelog, or forgets that they are dirty where there is none.</summary>
    public abstract void Flush(IChangelog? changelog);
}

/// <summary>Where a store's changes go: the changelog topic's partition of its task.</summary>
internal interface IChangelog
{
    /// <param name="timestamp">Null: stream time.</param>
    void Append(string topic, RawBytes key, RawBytes value, long? timestamp);
}

/// <summary>What a store is built in: a task and its clock.</summary>
internal sealed record StoreContext(TaskId TaskId, string ChangelogTopic, IStreamClock Clock);

/// <summary>Stream time, ms since the epoch; −1 before the first record.</summary>
internal interface IStreamClock
{
    long StreamTime { get; }
}
