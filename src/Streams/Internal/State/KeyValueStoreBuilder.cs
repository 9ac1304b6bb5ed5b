namespace Assay.Streams.Internal.State;

internal sealed class KeyValueStoreBuilder<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, IComparer<TKey>? order)
    : StoreBuilder(name) where TKey : notnull
{
    internal override ManagedStore Build(StoreContext context) =>
        Core(context, new StoreFormat<TKey, TValue>(keySerde, valueSerde, order ?? KeyOrder.Of(keySerde)));
}
