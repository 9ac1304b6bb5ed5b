using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>A table's operators that hold updates back.</summary>
public static class KTableByTime
{
    /// <summary>Holds updates back, so that of several only the last comes out.</summary>
    /// <param name="table">Whose updates; with <see cref="Suppressed.UntilWindowCloses"/>, of windows.</param>
    /// <param name="suppressed">Until when, and how many.</param>
    /// <exception cref="StreamsException">The table's keys are no windows that could close, or how to write its keys and values is not known.</exception>
    public static KTable<TKey, TValue> Suppress<TKey, TValue>(this KTable<TKey, TValue> table, Suppressed suppressed) where TKey : notnull
    {
        string name = suppressed.Name ?? table.Builder.NodeName("KTABLE-SUPPRESS-");
        string store = suppressed.Name is null ? table.Builder.NodeName("KTABLE-SUPPRESS-STATE-STORE-") : suppressed.Name + "-store";
        Func<TKey, long>? timeOf = null;
        if (suppressed.TimeLimit is null)
        {
            timeOf = WindowEnd.Of<TKey>() is { } end && table.CloseDelay is not null ? end
                : throw new StreamsException($"'{name}' is to hold updates back until their windows close, but '{table.Node.Name}' has no windows: use UntilTimeLimit.");
        }
        if (table.KeySerde is not { } keySerde || table.ValueSerde is not { } valueSerde)
            throw new StreamsException($"'{name}' keeps the updates of '{table.Node.Name}', but how to write these is not known: give the operator before it a Materialized.");
        long delay = suppressed.TimeLimit ?? table.CloseDelay!.Value;
        TopologyNode<TKey, Change<TValue>> node = table.Builder.Topology.AddProcessor(
            name, () => new SuppressProcessor<TKey, TValue>(name, store, delay, timeOf, suppressed.Buffer, keySerde, valueSerde), table.Node);
        StoreBuilder buffer = Stores.KeyValueStore(store, keySerde, new HeldBackSerde<TValue>(valueSerde));
        table.Builder.Topology.AddStateStore(suppressed.Buffer.LoggingEnabled ? buffer : buffer.WithLoggingDisabled(), node);
        return new KTable<TKey, TValue>(table.Builder, node, new SuppressedTableView<TKey, TValue>(store, table.View), keySerde, valueSerde) { CloseDelay = table.CloseDelay };
    }
}
