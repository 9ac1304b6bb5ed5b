using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>A stream of records, each an event of its own. Every operator adds a node and gives the stream behind it; functions must not keep state of their own.</summary>
/// <remarks>What changes keys marks the stream: where equal keys have to meet behind it, records go through a repartition topic first.</remarks>
public sealed partial class KStream<TKey, TValue>
{
    private TopologyNode<TKey, TValue>? _repartitioned;

    /// <param name="builder">Whose stream it is.</param>
    /// <param name="node">Sends its records.</param>
    /// <param name="keyChanged">Whether records may lie in another partition than their key's: then equal keys do not meet in one task.</param>
    /// <param name="keySerde">Null: not known since the type was changed.</param>
    /// <param name="valueSerde">Null: not known since the type was changed.</param>
    internal KStream(StreamsBuilder builder, TopologyNode<TKey, TValue> node, bool keyChanged, ISerde<TKey>? keySerde = null, ISerde<TValue>? valueSerde = null)
    {
        Builder = builder;
        Node = node;
        KeyChanged = keyChanged;
        KeySerde = keySerde;
        ValueSerde = valueSerde;
    }

    internal StreamsBuilder Builder { get; }

    internal TopologyNode<TKey, TValue> Node { get; }

    internal bool KeyChanged { get; }

    internal ISerde<TKey>? KeySerde { get; }

    internal ISerde<TValue>? ValueSerde { get; }

    /// <summary>Keeps the records for which <paramref name="predicate"/> holds.</summary>
    public KStream<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate, Named? named = null) =>
        Same("KSTREAM-FILTER-", named, () => new FilterProcessor<TKey, TValue>(predicate, keep: true));

    /// <summary>Drops the records for which <paramref name="predicate"/> holds.</summary>
    public KStream<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate, Named? named = null) =>
        Same("KSTREAM-FILTER-", named, () => new FilterProcessor<TKey, TValue>(predicate, keep: false));

    /// <summary>Replaces each key and value.</summary>
    public KStream<TNewKey, TNewValue> Map<TNewKey, TNewValue>(Func<TKey, TValue, KeyValuePair<TNewKey, TNewValue>> mapper, Named? named = null) => new(
        Builder, Add("KSTREAM-MAP-", named, () => new MapProcessor<TKey, TValue, TNewKey, TNewValue>(mapper)), keyChanged: true);

    /// <summary>Replaces each value.</summary>
    public KStream<TKey, TNewValue> MapValues<TNewValue>(Func<TKey, TValue, TNewValue> mapper, Named? named = null) => new(
        Builder, Add("KSTREAM-MAPVALUES-", named, () => new MapValuesProcessor<TKey, TValue, TNewValue>(mapper)), KeyChanged, KeySerde);

    /// <summary>Makes any number of records of each.</summary>
    public KStream<TNewKey, TNewValue> FlatMap<TNewKey, TNewValue>(
        Func<TKey, TValue, IEnumerable<KeyValuePair<TNewKey, TNewValue>>> mapper, Named? named = null) => new(
        Builder, Add("KSTREAM-FLATMAP-", named, () => new FlatMapProcessor<TKey, TValue, TNewKey, TNewValue>(mapper)), keyChanged: true);

    /// <summary>Makes any number of values of each.</summary>
    public KStream<TKey, TNewValue> FlatMapValues<TNewValue>(Func<TKey, TValue, IEnumerable<TNewValue>> mapper, Named? named = null) => new(
        Builder, Add("KSTREAM-FLATMAPVALUES-", named, () => new FlatMapValuesProcessor<TKey, TValue, TNewValue>(mapper)), KeyChanged, KeySerde);

    /// <summary>Replaces each key.</summary>
    public KStream<TNewKey, TValue> SelectKey<TNewKey>(Func<TKey, TValue, TNewKey> selector, Named? named = null) => new(
        Builder, Add("KSTREAM-KEY-SELECT-", named, () => new SelectKeyProcessor<TKey, TValue, TNewKey>(selector)), keyChanged: true, valueSerde: ValueSerde);

    /// <summary>Looks at each record as it passes.</summary>
    public KStream<TKey, TValue> Peek(Action<TKey, TValue> action, Named? named = null) =>
        Same("KSTREAM-PEEK-", named, () => new PeekProcessor<TKey, TValue>(action));

    /// <summary>Both streams' records, in no promised order between them.</summary>
    public KStream<TKey, TValue> Merge(KStream<TKey, TValue> other, Named? named = null) => new(
        Builder, Builder.Topology.AddProcessor(Builder.NodeName("KSTREAM-MERGE-", named?.Name), static () => new PassThroughProcessor<TKey, TValue>(), Node, other.Node),
        KeyChanged || other.KeyChanged, KeySerde ?? other.KeySerde, ValueSerde ?? other.ValueSerde);

    /// <summary>Sends each record into the first of several branches whose predicate it meets; the branches are added to what this gives.</summary>
    /// <param name="named">Names the node, and is what the branches' names begin with.</param>
    public BranchedKStream<TKey, TValue> Split(Named? named = null) => new(this, named);

    /// <summary>Runs each record through a processor of the caller's.</summary>
    /// <param name="supplier">Makes a new one for each task.</param>
    /// <param name="stores">Names of the stores that it uses, which must have been added.</param>
    public KStream<TNewKey, TNewValue> Process<TNewKey, TNewValue>(Func<IProcessor<TKey, TValue, TNewKey, TNewValue>> supplier, params string[] stores) =>
        Process(supplier, new Named(Builder.NodeName("KSTREAM-PROCESSOR-")), stores);

    /// <inheritdoc cref="Process{TNewKey, TNewValue}(Func{IProcessor{TKey, TValue, TNewKey, TNewValue}}, string[])"/>
    public KStream<TNewKey, TNewValue> Process<TNewKey, TNewValue>(Func<IProcessor<TKey, TValue, TNewKey, TNewValue>> supplier, Named named, params string[] stores) =>
        new(Builder, Connect(Builder.Topology.AddProcessor(named.Name, supplier, Node), stores), keyChanged: true);

    /// <summary>Runs each record through a processor of the caller's that keeps its key, which is checked: so no repartition topic is needed behind it.</summary>
    /// <inheritdoc cref="Process{TNewKey, TNewValue}(Func{IProcessor{TKey, TValue, TNewKey, TNewValue}}, string[])"/>
    public KStream<TKey, TNewValue> ProcessValues<TNewValue>(Func<IProcessor<TKey, TValue, TKey, TNewValue>> supplier, params string[] stores) =>
        ProcessValues(supplier, new Named(Builder.NodeName("KSTREAM-PROCESSVALUES-")), stores);

    /// <inheritdoc cref="ProcessValues{TNewValue}(Func{IProcessor{TKey, TValue, TKey, TNewValue}}, string[])"/>
    public KStream<TKey, TNewValue> ProcessValues<TNewValue>(Func<IProcessor<TKey, TValue, TKey, TNewValue>> supplier, Named named, params string[] stores) => new(
        Builder, Connect(Builder.Topology.AddProcessor(named.Name, () => new FixedKeyProcessor<TKey, TValue, TNewValue>(supplier()), Node), stores), KeyChanged, KeySerde);

    /// <summary>Writes the records to a topic, which must exist.</summary>
    public void To(string topic, Produced<TKey, TValue> produced) =>
        Builder.Topology.AddSink(Builder.NodeName("KSTREAM-SINK-", produced.Name), topic, produced.KeySerde, produced.ValueSerde, Node);

    /// <summary>Writes each record to the topic that <paramref name="topic"/> names, which must exist.</summary>
    public void To(TopicNameExtractor<TKey, TValue> topic, Produced<TKey, TValue> produced) =>
        Builder.Topology.AddSink(Builder.NodeName("KSTREAM-SINK-", produced.Name), topic, produced.KeySerde, produced.ValueSerde, Node);

    private KStream<TKey, TValue> Same(string prefix, Named? named, Func<IProcessor<TKey, TValue, TKey, TValue>> supplier) =>
        new(Builder, Add(prefix, named, supplier), KeyChanged, KeySerde, ValueSerde);

    private TopologyNode<TNewKey, TNewValue> Add<TNewKey, TNewValue>(string prefix, Named? named, Func<IProcessor<TKey, TValue, TNewKey, TNewValue>> supplier) =>
        Builder.Topology.AddProcessor(Builder.NodeName(prefix, named?.Name), supplier, Node);

    private TNode Connect<TNode>(TNode node, string[] stores) where TNode : TopologyNode
    {
        foreach (string store in stores)
            Builder.Topology.ConnectProcessorAndStateStores(store, node);
        return node;
    }
}
