using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>Makes store builders for <see cref="Topology.AddStateStore"/>.</summary>
public static class Stores
{
    /// <summary>A key-value store in memory.</summary>
    /// <param name="name">Its name; the changelog is <c>{application id}-{name}-changelog</c>.</param>
    /// <param name="keySerde">For the changelog.</param>
    /// <param name="valueSerde">For the changelog.</param>
    /// <param name="order">Order of the keys in a range; null: the type's own, ordinal for text.</param>
    public static StoreBuilder KeyValueStore<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, IComparer<TKey>? order = null)
        where TKey : notnull => new KeyValueStoreBuilder<TKey, TValue>(name, keySerde, valueSerde, order);
}

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

    internal abstract ManagedStore Build(string changelogTopic);
}
