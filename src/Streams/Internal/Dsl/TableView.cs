using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Reads a table's values in a task: from its store, or through what was made of tables that have one.</summary>
internal abstract class TableView<TKey, TValue> where TKey : notnull
{
    /// <summary>The stores to be connected to whoever reads.</summary>
    public abstract IReadOnlyCollection<string> Stores { get; }

    /// <summary>The stores of all tables that this one is made of: a change of any may change it.</summary>
    public virtual IEnumerable<string> Origins => Stores;

    /// <summary>How far back it can be read too, where it is a versioned store or mapped from one.</summary>
    public virtual TimeSpan? History => null;

    public abstract TableReader<TKey, TValue> Open(IProcessorContext context);

    public void Connect(Topology topology, TopologyNode reader)
    {
        foreach (string store in Stores)
            topology.ConnectProcessorAndStateStores(store, reader);
    }

    public TableView<TKey, TNewValue> Select<TNewValue>(Func<TKey, TValue, TNewValue> mapper) => new Mapped<TNewValue>(this, mapper);

    /// <param name="store">Where the table is kept.</param>
    /// <param name="origins">Those of the tables that it was made of; none for one made of a stream.</param>
    public static TableView<TKey, TValue> Of(string store, params IEnumerable<string> origins) => new Stored(store, origins);

    private sealed class Stored(string store, IEnumerable<string> origins) : TableView<TKey, TValue>
    {
        public override IReadOnlyCollection<string> Stores => [store];

        public override IEnumerable<string> Origins => origins.Append(store);

        public override TableReader<TKey, TValue> Open(IProcessorContext context)
        {
            IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>> opened = context.GetStateStore<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>>(store);
            return (TKey key, long _, out ValueAndTimestamp<TValue> value) => opened.TryGet(key, out value);
        }
    }

    private sealed class Mapped<TNewValue>(TableView<TKey, TValue> from, Func<TKey, TValue, TNewValue> mapper) : TableView<TKey, TNewValue>
    {
        public override IReadOnlyCollection<string> Stores => from.Stores;

        public override IEnumerable<string> Origins => from.Origins;

        public override TimeSpan? History => from.History;

        public override TableReader<TKey, TNewValue> Open(IProcessorContext context)
        {
            TableReader<TKey, TValue> read = from.Open(context);
            return (TKey key, long asOf, out ValueAndTimestamp<TNewValue> value) =>
            {
                value = default;
                if (!read(key, asOf, out ValueAndTimestamp<TValue> found))
                    return false;
                value = new ValueAndTimestamp<TNewValue>(mapper(key, found.Value), found.Timestamp);
                return value.Value is not null;
            };
        }
    }
}

/// <summary>Reads a windowed table from its window store.</summary>
internal sealed class WindowTableView<TKey, TValue>(string store) : TableView<Windowed<TKey>, TValue> where TKey : notnull
{
    public override IReadOnlyCollection<string> Stores => [store];

    public override TableReader<Windowed<TKey>, TValue> Open(IProcessorContext context)
    {
        IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>> windows = context.GetStateStore<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>>(store);
        return (Windowed<TKey> key, long _, out ValueAndTimestamp<TValue> value) => windows.TryFetch(key.Key, key.Window.Start, out value);
    }
}

/// <summary>Reads a table of sessions from its session store; a session's value has the time of its end.</summary>
internal sealed class SessionTableView<TKey, TValue>(string store) : TableView<Windowed<TKey>, TValue> where TKey : notnull
{
    public override IReadOnlyCollection<string> Stores => [store];

    public override TableReader<Windowed<TKey>, TValue> Open(IProcessorContext context)
    {
        IReadOnlySessionStore<TKey, TValue> sessions = context.GetStateStore<IReadOnlySessionStore<TKey, TValue>>(store);
        return (Windowed<TKey> key, long _, out ValueAndTimestamp<TValue> value) =>
        {
            bool found = sessions.TryFetchSession(key.Key, key.Window.Start, key.Window.End, out TValue? session);
            value = new ValueAndTimestamp<TValue>(session!, key.Window.End);
            return found;
        };
    }
}

/// <summary>Reads a table whose updates are held back: of a key that is in the buffer, what stood there before.</summary>
internal sealed class SuppressedTableView<TKey, TValue>(string buffer, TableView<TKey, TValue> from) : TableView<TKey, TValue> where TKey : notnull
{
    public override IReadOnlyCollection<string> Stores => [buffer, .. from.Stores];

    public override IEnumerable<string> Origins => from.Origins.Append(buffer);

    public override TableReader<TKey, TValue> Open(IProcessorContext context)
    {
        TableReader<TKey, TValue> read = from.Open(context);
        IReadOnlyKeyValueStore<TKey, HeldBack<TValue>> held = context.GetStateStore<IReadOnlyKeyValueStore<TKey, HeldBack<TValue>>>(buffer);
        return (TKey key, long asOf, out ValueAndTimestamp<TValue> value) =>
        {
            if (!held.TryGet(key, out HeldBack<TValue>? update))
                return read(key, asOf, out value);
            // When the earlier value came is not known any more; any time is later.
            value = new ValueAndTimestamp<TValue>(update.Change.Old, -1);
            return update.Change.HasOld;
        };
    }
}

/// <summary>Reads the value of a key.</summary>
/// <param name="asOf">Of a versioned table, the value in force at that time, ms since the epoch; another gives its latest whatever is asked.</param>
internal delegate bool TableReader<TKey, TValue>(TKey key, long asOf, [MaybeNullWhen(false)] out ValueAndTimestamp<TValue> value);

internal static class TableRead
{
    /// <summary>As of when the latest value is in force.</summary>
    public const long Latest = long.MaxValue;
}

/// <summary>Reads the end off keys that are windows.</summary>
internal static class WindowEnd
{
    /// <summary>Null where keys are none.</summary>
    public static Func<TKey, long>? Of<TKey>() where TKey : notnull =>
        default(TKey) is IWindowed ? static key => ((IWindowed)key).Window.End : null;
}
