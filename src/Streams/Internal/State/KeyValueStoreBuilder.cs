using Assay.Streams.Internal.Persistence;

namespace Assay.Streams.Internal.State;

/// <param name="layout">That of <paramref name="order"/>; null: of keys in their own order, or none.</param>
internal sealed class KeyValueStoreBuilder<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, IComparer<TKey>? order, KeyLayout? layout = null)
    : StoreBuilder(name) where TKey : notnull
{
    public StoreFormat<TKey, TValue> Format { get; } =
        new(keySerde, valueSerde, order ?? KeyOrder.Of(keySerde)) { Layout = layout ?? (order is null ? KeyLayout.Of(keySerde) : null) };

    internal override string Description => $"a key-value store of {typeof(TKey)} and {typeof(TValue)}";

    internal override ManagedStore Build(StoreContext context) => Core(context, Format);
}
