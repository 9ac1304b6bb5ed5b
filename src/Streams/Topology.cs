using Assay.Streams.Internal.Graph;

namespace Assay.Streams;

/// <summary>Sources, processors, stores and sinks, put together by hand: the Processor API. Nodes are typed, so what does not fit does not compile.</summary>
/// <remarks>Nodes that are connected or share a store form a sub-topology; it runs as one task per partition of its input topics.</remarks>
public sealed class Topology
{
    private readonly Dictionary<string, TopologyNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoreBuilder> _stores = new(StringComparer.Ordinal);

    /// <summary>In the order of their addition.</summary>
    internal List<TopologyNode> Nodes { get; } = [];

    internal IReadOnlyDictionary<string, StoreBuilder> Stores => _stores;

    /// <summary>Names without the application id, and the number of partitions where one was given.</summary>
    internal Dictionary<string, int?> RepartitionTopics { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads topics, whose partitions with the same number meet in one task.</summary>
    /// <exception cref="StreamsException">A name or topic is taken.</exception>
    public TopologyNode<TKey, TValue> AddSource<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, params string[] topics) =>
        AddSource(name, keySerde, valueSerde, null, topics);

    /// <inheritdoc cref="AddSource{TKey, TValue}(string, ISerde{TKey}, ISerde{TValue}, string[])"/>
    /// <param name="timestampExtractor">Gives records their time; null: Kafka's timestamp.</param>
    public TopologyNode<TKey, TValue> AddSource<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimestampExtractor<TKey, TValue>? timestampExtractor, params string[] topics)
    {
        if (topics.Length == 0)
            throw new StreamsException($"Source '{name}' reads no topic: name at least one.");
        foreach (TopologyNode node in Nodes)
        {
            if (node is ISourceDefinition { IsInternal: false } other && other.Topics.FirstOrDefault(topics.Contains) is { } topic)
                throw new StreamsException($"Topic '{topic}' is read by source '{node.Name}' already: give source '{name}''s children that source as a parent.");
        }
        return Add(new SourceDefinition<TKey, TValue>(name, [.. topics], keySerde, valueSerde, timestampExtractor));
    }

    /// <summary>Adds a step.</summary>
    /// <param name="name">Unique in the topology.</param>
    /// <param name="supplier">Makes a new processor for each task.</param>
    /// <param name="parents">Whose records it takes.</param>
    /// <exception cref="StreamsException">The name is taken, or there is no parent.</exception>
    public TopologyNode<TKeyOut, TValueOut> AddProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>(
        string name, Func<IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>> supplier, params TopologyNode<TKeyIn, TValueIn>[] parents)
    {
        ProcessorDefinition<TKeyIn, TValueIn, TKeyOut, TValueOut> processor = new(name, supplier, CheckParents(name, parents));
        Add(processor);
        Connect(processor, parents);
        return processor;
    }

    /// <summary>Writes to a topic, which must exist; the partition is murmur2 of the key, as Java's producer chooses.</summary>
    /// <exception cref="StreamsException">The name is taken, or there is no parent.</exception>
    public Topology AddSink<TKey, TValue>(string name, string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, params TopologyNode<TKey, TValue>[] parents) =>
        AddSink(new SinkDefinition<TKey, TValue>(name, topic, extractor: null, isInternal: false, keySerde, valueSerde, CheckParents(name, parents)), parents);

    /// <summary>Writes each record to the topic that <paramref name="extractor"/> names.</summary>
    /// <inheritdoc cref="AddSink{TKey, TValue}(string, string, ISerde{TKey}, ISerde{TValue}, TopologyNode{TKey, TValue}[])"/>
    public Topology AddSink<TKey, TValue>(
        string name, TopicNameExtractor<TKey, TValue> extractor, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, params TopologyNode<TKey, TValue>[] parents) =>
        AddSink(new SinkDefinition<TKey, TValue>(name, topic: null, extractor, isInternal: false, keySerde, valueSerde, CheckParents(name, parents)), parents);

    /// <summary>Writes to a topic of the application's own and reads it again, so that equal keys meet.</summary>
    /// <param name="names">Of the topic, without the application id, and of the two nodes.</param>
    /// <param name="partitions">Null: as many as its inputs have, or as what it meets behind has.</param>
    /// <exception cref="StreamsException">A name is taken.</exception>
    internal TopologyNode<TKey, TValue> AddRepartition<TKey, TValue>(
        RepartitionNames names, int? partitions, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TopologyNode<TKey, TValue> parent)
    {
        if (!RepartitionTopics.TryAdd(names.Topic, partitions))
            throw new StreamsException($"There are two repartition topics named '{names.Topic}': a name that is given to one is unique in its topology.");
        AddSink(new SinkDefinition<TKey, TValue>(names.Sink, names.Topic, extractor: null, isInternal: true, keySerde, valueSerde, [parent]), [parent]);
        return Add(new SourceDefinition<TKey, TValue>(names.Source, [names.Topic], keySerde, valueSerde, extractor: null, isInternal: true));
    }

    /// <summary>Adds a store and connects it to processors, which thereby come into one sub-topology.</summary>
    /// <exception cref="StreamsException">The name is taken, or a node is not a processor of this topology.</exception>
    public Topology AddStateStore(StoreBuilder store, params TopologyNode[] processors)
    {
        if (!_stores.TryAdd(store.Name, store))
            throw new StreamsException($"There are two stores named '{store.Name}': a store's name is unique in its topology.");
        return ConnectProcessorAndStateStores(store.Name, processors);
    }

    /// <summary>Connects a store that was added to further processors.</summary>
    /// <exception cref="StreamsException">There is no such store, or a node is not a processor of this topology.</exception>
    public Topology ConnectProcessorAndStateStores(string store, params TopologyNode[] processors)
    {
        if (!_stores.ContainsKey(store))
            throw new StreamsException($"There is no store named '{store}': add it with AddStateStore first.");
        foreach (TopologyNode processor in processors)
        {
            CheckOwn(processor);
            if (processor is ISourceDefinition or ISinkDefinition)
                throw new StreamsException($"'{processor.Name}' is not a processor: only processors use stores.");
            processor.Stores.Add(store);
        }
        return this;
    }

    /// <summary>The topology as text, as Kafka Streams prints it.</summary>
    public string Describe() => TopologyDescription.Of(TopologyGraph.Of(this));

    private Topology AddSink<TKey, TValue>(SinkDefinition<TKey, TValue> sink, TopologyNode<TKey, TValue>[] parents)
    {
        Add(sink);
        Connect(sink, parents);
        return this;
    }

    private TNode Add<TNode>(TNode node) where TNode : TopologyNode
    {
        if (!_nodes.TryAdd(node.Name, node))
            throw new StreamsException($"There are two nodes named '{node.Name}': a node's name is unique in its topology.");
        Nodes.Add(node);
        return node;
    }

    private TopologyNode[] CheckParents(string name, TopologyNode[] parents)
    {
        if (parents.Length == 0)
            throw new StreamsException($"Node '{name}' has no parent: name the nodes whose records it takes.");
        foreach (TopologyNode parent in parents)
            CheckOwn(parent);
        return parents;
    }

    private void CheckOwn(TopologyNode node)
    {
        if (!_nodes.TryGetValue(node.Name, out TopologyNode? own) || own != node)
            throw new StreamsException($"Node '{node.Name}' belongs to another topology.");
    }

    private static void Connect<TNode, TKey, TValue>(TNode node, TopologyNode<TKey, TValue>[] parents) where TNode : TopologyNode, INodeInput<TKey, TValue>
    {
        foreach (TopologyNode<TKey, TValue> parent in parents)
        {
            parent.Children.Add(node);
            parent.Inputs.Add(node);
        }
    }
}
