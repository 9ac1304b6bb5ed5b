using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Reads a table's present value in a task: from its store, or through what was made of a table that has one.</summary>
internal abstract class TableView<TKey, TValue> where TKey : notnull
{
    /// <summary>The store to be connected to whoever reads.</summary>
    public abstract string Store { get; }

    public abstract TableReader<TKey, TValue> Open(IProcessorContext context);

    public TableView<TKey, TNewValue> Select<TNewValue>(Func<TKey, TValue, TNewValue> mapper) => new Mapped<TNewValue>(this, mapper);

    public static TableView<TKey, TValue> Of(string store) => new Stored(store);

    private sealed class Stored(string store) : TableView<TKey, TValue>
    {
        public override string Store => store;

        public override TableReader<TKey, TValue> Open(IProcessorContext context) =>
            context.GetStateStore<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>>(store).TryGet;
    }

    private sealed class Mapped<TNewValue>(TableView<TKey, TValue> from, Func<TKey, TValue, TNewValue> mapper) : TableView<TKey, TNewValue>
    {
        public override string Store => from.Store;

        public override TableReader<TKey, TNewValue> Open(IProcessorContext context)
        {
            TableReader<TKey, TValue> read = from.Open(context);
            return (TKey key, out ValueAndTimestamp<TNewValue> value) =>
            {
                value = default;
                if (!read(key, out ValueAndTimestamp<TValue> found))
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
    public override string Store => store;

    public override TableReader<Windowed<TKey>, TValue> Open(IProcessorContext context)
    {
        IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>> windows = context.GetStateStore<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>>(store);
        return (Windowed<TKey> key, out ValueAndTimestamp<TValue> value) => windows.TryFetch(key.Key, key.Window.Start, out value);
    }
}

internal delegate bool TableReader<TKey, TValue>(TKey key, [MaybeNullWhen(false)] out ValueAndTimestamp<TValue> value);
