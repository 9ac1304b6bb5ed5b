using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>Describes a store; each task builds its own from it.</summary>
public abstract class StoreBuilder
{
    private protected StoreBuilder(string name) => Name = name;

    public string Name { get; }

    /// <summary>Whether changes go to a changelog topic.</summary>
    public bool LoggingEnabled { get; private set; } = true;

    /// <summary>Keeps the store without a changelog: it is empty after a restart or a move to another instance.</summary>
    public StoreBuilder WithLoggingDisabled()
    {
        LoggingEnabled = false;
        return this;
    }

    /// <summary>What it makes, for a sentence.</summary>
    internal abstract string Description { get; }

    /// <summary>What the changelog topic is created with, beside <c>cleanup.policy=compact</c>.</summary>
    internal virtual IEnumerable<KeyValuePair<string, string>> ChangelogConfig => [];

    internal abstract ManagedStore Build(StoreContext context);

    /// <summary>The core on which a store of this builder stands.</summary>
    private protected StoreCore<TKey, TValue> Core<TKey, TValue>(StoreContext context, StoreFormat<TKey, TValue> format) where TKey : notnull =>
        context.State is { } state
            ? new PersistentStore<TKey, TValue>(Name, context, format, state.FolderOf(context.TaskId, Name))
            : new InMemoryKeyValueStore<TKey, TValue>(Name, context.ChangelogTopic, format);
}
