using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>A stream of records, each an event of its own. Every operator adds a node and gives the stream behind it; functions must not keep state of their own.</summary>
public sealed class KStream<TKey, TValue>
{
    /// <summary>Whether records may lie in another partition than their key's: then equal keys do not meet in one task.</summary>
    private readonly bool _keyChanged;

    internal KStream(StreamsBuilder builder, TopologyNode<TKey, TValue> node, bool keyChanged)
    {
        Builder = builder;
        Node = node;
        _keyChanged = keyChanged;
    }

    internal StreamsBuilder Builder { get; }

    internal TopologyNode<TKey, TValue> Node { get; }

    /// <summary>Keeps the records for which <paramref name="predicate"/> holds.</summary>
    public KStream<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate) =>
        Add("KSTREAM-FILTER-", () => new FilterProcessor<TKey, TValue>(predicate, keep: true));

    /// <summary>Drops the records for which <paramref name="predicate"/> holds.</summary>
    public KStream<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate) =>
        Add("KSTREAM-FILTER-", () => new FilterProcessor<TKey, TValue>(predicate, keep: false));

    /// <summary>Replaces each key and value.</summary>
    public KStream<TNewKey, TNewValue> Map<TNewKey, TNewValue>(Func<TKey, TValue, KeyValuePair<TNewKey, TNewValue>> mapper) =>
        Add("KSTREAM-MAP-", () => new MapProcessor<TKey, TValue, TNewKey, TNewValue>(mapper), changesKey: true);

    /// <summary>Replaces each value.</summary>
    public KStream<TKey, TNewValue> MapValues<TNewValue>(Func<TKey, TValue, TNewValue> mapper) =>
        Add("KSTREAM-MAPVALUES-", () => new MapValuesProcessor<TKey, TValue, TNewValue>(mapper));

    /// <summary>Makes any number of records of each.</summary>
    public KStream<TNewKey, TNewValue> FlatMap<TNewKey, TNewValue>(Func<TKey, TValue, IEnumerable<KeyValuePair<TNewKey, TNewValue>>> mapper) =>
        Add("KSTREAM-FLATMAP-", () => new FlatMapProcessor<TKey, TValue, TNewKey, TNewValue>(mapper), changesKey: true);

    /// <summary>Makes any number of values of each.</summary>
    public KStream<TKey, TNewValue> FlatMapValues<TNewValue>(Func<TKey, TValue, IEnumerable<TNewValue>> mapper) =>
        Add("KSTREAM-FLATMAPVALUES-", () => new FlatMapValuesProcessor<TKey, TValue, TNewValue>(mapper));

    /// <summary>Replaces each key.</summary>
    public KStream<TNewKey, TValue> SelectKey<TNewKey>(Func<TKey, TValue, TNewKey> selector) =>
        Add("KSTREAM-KEY-SELECT-", () => new SelectKeyProcessor<TKey, TValue, TNewKey>(selector), changesKey: true);

    /// <summary>Looks at each record as it passes.</summary>
    public KStream<TKey, TValue> Peek(Action<TKey, TValue> action) =>
        Add("KSTREAM-PEEK-", () => new PeekProcessor<TKey, TValue>(action));

    /// <summary>Both streams' records, in no promised order between them.</summary>
    public KStream<TKey, TValue> Merge(KStream<TKey, TValue> other) => new(Builder, Builder.Topology.AddProcessor(
        Builder.NodeName("KSTREAM-MERGE-"), () => new FilterProcessor<TKey, TValue>(static (_, _) => true, keep: true), Node, other.Node), _keyChanged || other._keyChanged);

    /// <summary>Runs each record through a processor of the caller's.</summary>
    /// <param name="supplier">Makes a new one for each task.</param>
    /// <param name="stores">Names of the stores that it uses, which must have been added.</param>
    public KStream<TNewKey, TNewValue> Process<TNewKey, TNewValue>(Func<IProcessor<TKey, TValue, TNewKey, TNewValue>> supplier, params string[] stores)
    {
        TopologyNode<TNewKey, TNewValue> node = Builder.Topology.AddProcessor(Builder.NodeName("KSTREAM-PROCESSOR-"), supplier, Node);
        foreach (string store in stores)
            Builder.Topology.ConnectProcessorAndStateStores(store, node);
        return new KStream<TNewKey, TNewValue>(Builder, node, keyChanged: true);
    }

    /// <summary>Writes the records to a topic, which must exist.</summary>
    public void To(string topic, Produced<TKey, TValue> produced) =>
        Builder.Topology.AddSink(produced.Name ?? Builder.NodeName("KSTREAM-SINK-"), topic, produced.KeySerde, produced.ValueSerde, Node);

    private KStream<TNewKey, TNewValue> Add<TNewKey, TNewValue>(
        string prefix, Func<IProcessor<TKey, TValue, TNewKey, TNewValue>> supplier, bool changesKey = false) =>
        new(Builder, Builder.Topology.AddProcessor(Builder.NodeName(prefix), supplier, Node), _keyChanged || changesKey);

    /// <summary>Refuses what needs equal keys to meet in one task where they may not.</summary>
    internal void RequireKeys(string what)
    {
        if (_keyChanged)
        {
            throw new StreamsException(
                $"The stream of '{Node.Name}' is to {what}, but its keys were changed, so equal ones may lie in different partitions: " +
                "write it to a topic with To, and read that.");
        }
    }
}
