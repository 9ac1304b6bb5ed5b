using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>What a store is asked for as in <see cref="KafkaStreams.Store"/>.</summary>
public static class QueryableStoreTypes
{
    /// <summary>A key-value store, or a table's: then its values without their times.</summary>
    public static QueryableStoreType<IReadOnlyKeyValueStore<TKey, TValue>> KeyValueStore<TKey, TValue>() where TKey : notnull => new(
        $"a key-value store of {typeof(TKey)} and {typeof(TValue)}",
        (builder, parts) => builder switch
        {
            KeyValueStoreBuilder<TKey, TValue> store => new KeyValueReader<TKey, TValue>(store.Name, Composite(parts, store.Format)),
            KeyValueStoreBuilder<TKey, ValueAndTimestamp<TValue>> store =>
                new KeyValueReader<TKey, TValue>(store.Name, new UntimedEntries<TKey, TValue>(Composite(parts, store.Format))),
            _ => null,
        });

    /// <summary>A table's store: its values with their times.</summary>
    public static QueryableStoreType<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>> TimestampedKeyValueStore<TKey, TValue>() where TKey : notnull => new(
        $"a timestamped key-value store of {typeof(TKey)} and {typeof(TValue)}",
        (builder, parts) => builder is KeyValueStoreBuilder<TKey, ValueAndTimestamp<TValue>> store
            ? new KeyValueReader<TKey, ValueAndTimestamp<TValue>>(store.Name, Composite(parts, store.Format))
            : null);

    /// <summary>A window store, or a windowed aggregate's: then its values without their times.</summary>
    public static QueryableStoreType<IReadOnlyWindowStore<TKey, TValue>> WindowStore<TKey, TValue>() where TKey : notnull => new(
        $"a window store of {typeof(TKey)} and {typeof(TValue)}",
        (builder, parts) => builder switch
        {
            WindowStoreBuilder<TKey, TValue> store => new WindowReader<TKey, TValue>(store.Name, Composite(parts, store.Format), store.Size),
            WindowStoreBuilder<TKey, ValueAndTimestamp<TValue>> store =>
                new WindowReader<TKey, TValue>(store.Name, new UntimedEntries<WindowKey<TKey>, TValue>(Composite(parts, store.Format)), store.Size),
            _ => null,
        });

    /// <summary>A windowed aggregate's store: its values with their times.</summary>
    public static QueryableStoreType<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>> TimestampedWindowStore<TKey, TValue>() where TKey : notnull => new(
        $"a timestamped window store of {typeof(TKey)} and {typeof(TValue)}",
        (builder, parts) => builder is WindowStoreBuilder<TKey, ValueAndTimestamp<TValue>> store
            ? new WindowReader<TKey, ValueAndTimestamp<TValue>>(store.Name, Composite(parts, store.Format), store.Size)
            : null);

    /// <summary>A session store.</summary>
    public static QueryableStoreType<IReadOnlySessionStore<TKey, TValue>> SessionStore<TKey, TValue>() where TKey : notnull => new(
        $"a session store of {typeof(TKey)} and {typeof(TValue)}",
        (builder, parts) => builder is SessionStoreBuilder<TKey, TValue> store ? new SessionReader<TKey, TValue>(store.Name, Composite(parts, store.Format)) : null);

    /// <summary>A versioned store. As of a time before the history retention it may still find what has not been forgotten yet.</summary>
    public static QueryableStoreType<IReadOnlyVersionedKeyValueStore<TKey, TValue>> VersionedKeyValueStore<TKey, TValue>() where TKey : notnull => new(
        $"a versioned key-value store of {typeof(TKey)} and {typeof(TValue)}",
        (builder, parts) => builder is VersionedStoreBuilder<TKey, TValue> store ? new VersionedReader<TKey, TValue>(store.Name, Composite(parts, store.Format)) : null);

    private static CompositeEntries<TKey, TValue> Composite<TKey, TValue>(Func<IReadOnlyList<object>> parts, StoreFormat<TKey, TValue> format) where TKey : notnull =>
        new(() => [.. parts().Cast<IOrderedEntries<TKey, TValue>>()], format);
}

/// <summary>A kind of store with its types; <see cref="QueryableStoreTypes"/> makes them.</summary>
/// <typeparam name="TStore">The read-only interface that a query gives.</typeparam>
public sealed class QueryableStoreType<TStore> where TStore : class, IStateStore
{
    private readonly Func<StoreBuilder, Func<IReadOnlyList<object>>, TStore?> _open;

    internal QueryableStoreType(string description, Func<StoreBuilder, Func<IReadOnlyList<object>>, TStore?> open)
    {
        Description = description;
        _open = open;
    }

    internal string Description { get; }

    /// <summary>Null where the store is of another kind or types.</summary>
    internal TStore? Open(StoreBuilder builder, Func<IReadOnlyList<object>> parts) => _open(builder, parts);
}
