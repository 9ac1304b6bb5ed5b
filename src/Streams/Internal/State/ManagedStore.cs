using Assay.Streams.Internal.Persistence;

namespace Assay.Streams.Internal.State;

/// <summary>A store as its task sees it: filled from a changelog, and asked before each commit for what has changed since the last.</summary>
/// <remarks>A store keeps typed values and remembers which keys are dirty; it serializes each dirty key once per commit. After a commit that
/// failed its content is ahead of the changelog, and the task throws it away.</remarks>
internal abstract class ManagedStore(string name, string changelogTopic) : IStateStore
{
    public string Name { get; } = name;

    public string ChangelogTopic { get; } = changelogTopic;

    /// <summary>Up to which offset it holds its changelog, while it is being restored; null: nothing of it.</summary>
    public long? HeldTo { get; set; }

    /// <summary>Null for a store in memory.</summary>
    public virtual IPersistentStore? Persistence => null;

    /// <summary>Takes over one record of the changelog.</summary>
    public abstract void Restore(RawBytes key, RawBytes value, long timestamp);

    /// <summary>Writes the dirty entries to the changelog, or forgets that they are dirty where there is none.</summary>
    public abstract void Flush(IChangelog? changelog);

    /// <summary>Gives what was committed last: <see cref="IOrderedEntries{TKey, TValue}"/> that never change and can be read from any thread. Called, once there are queries, when
    /// all that was flushed is committed; null where more calls are needed, since one does a bounded amount of work.</summary>
    public abstract object? Publish();
}

/// <summary>Where a store's changes go: the changelog topic's partition of its task.</summary>
internal interface IChangelog
{
    /// <param name="timestamp">Null: stream time.</param>
    /// <param name="acknowledged">Called with the record's offset, on another thread, when the broker has it; null: nobody asks.</param>
    void Append(string topic, RawBytes key, RawBytes value, long? timestamp, Action<long>? acknowledged = null);
}

/// <summary>What a store is built in: a task and its clock.</summary>
/// <param name="State">Where stores are kept on disk; null: they are kept in memory.</param>
/// <param name="RequestCommit">Asks for a commit soon.</param>
internal sealed record StoreContext(TaskId TaskId, string ChangelogTopic, IStreamClock Clock, StateDirectory? State, Action RequestCommit);

/// <summary>Stream time, ms since the epoch; −1 before the first record.</summary>
internal interface IStreamClock
{
    long StreamTime { get; }
}
