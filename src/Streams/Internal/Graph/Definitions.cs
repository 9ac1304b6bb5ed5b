using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Graph;

/// <summary>A definition that takes records of these types and can make the node that processes them in a task.</summary>
internal interface INodeInput<TKey, TValue>
{
    NodeInput<TKey, TValue> Build(TaskNodes nodes);
}

/// <summary>A source, whatever its types.</summary>
internal interface ISourceDefinition
{
    IReadOnlyList<string> Topics { get; }

    /// <summary>Whether it reads a topic of the application's own: its full name has the application id in front.</summary>
    bool IsInternal { get; }

    /// <summary>The queue that decodes the records of one of its partitions and hands them to its children.</summary>
    PartitionQueue BuildQueue(TaskNodes nodes, string topic, int partition);
}

internal sealed class SourceDefinition<TKey, TValue>(
    string name, IReadOnlyList<string> topics, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimestampExtractor<TKey, TValue>? extractor,
    bool isInternal = false)
    : TopologyNode<TKey, TValue>(name, []), ISourceDefinition
{
    public IReadOnlyList<string> Topics { get; } = topics;

    public bool IsInternal => isInternal;

    public PartitionQueue BuildQueue(TaskNodes nodes, string topic, int partition) =>
        new PartitionQueue<TKey, TValue>(nodes.Task, Name, topic, partition, keySerde, valueSerde, extractor, nodes.ChildrenOf(this));
}

internal sealed class ProcessorDefinition<TKeyIn, TValueIn, TKeyOut, TValueOut>(
    string name, Func<IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>> supplier, IReadOnlyList<TopologyNode> parents)
    : TopologyNode<TKeyOut, TValueOut>(name, parents), INodeInput<TKeyIn, TValueIn>
{
    public NodeInput<TKeyIn, TValueIn> Build(TaskNodes nodes) => nodes.GetOrAdd(this, static (definition, nodes) =>
        new ProcessorNode<TKeyIn, TValueIn, TKeyOut, TValueOut>(definition.Name, nodes.Task, definition.Supply(), definition.Stores, nodes.ChildrenOf(definition)));

    private IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut> Supply() => supplier();
}

internal interface ISinkDefinition
{
    /// <summary>Null where each record names its own.</summary>
    string? Topic { get; }

    /// <inheritdoc cref="ISourceDefinition.IsInternal"/>
    bool IsInternal { get; }

    /// <summary>What <see cref="Topology.Describe"/> says of where it writes.</summary>
    string Target { get; }
}

internal sealed class SinkDefinition<TKey, TValue>(
    string name, string? topic, TopicNameExtractor<TKey, TValue>? extractor, bool isInternal, ISerde<TKey> keySerde, ISerde<TValue> valueSerde,
    IReadOnlyList<TopologyNode> parents)
    : TopologyNode(name, parents), INodeInput<TKey, TValue>, ISinkDefinition
{
    public string? Topic => topic;

    public bool IsInternal => isInternal;

    public string Target => topic is not null ? $"topic: {topic}" : $"extractor class: {extractor!.Method.DeclaringType}.{extractor.Method.Name}";

    public NodeInput<TKey, TValue> Build(TaskNodes nodes) => nodes.GetOrAdd(this, static (definition, nodes) => definition.Node(nodes));

    private SinkNode<TKey, TValue> Node(TaskNodes nodes) =>
        new(Name, nodes.Task, isInternal ? TopologyGraph.RepartitionTopic(nodes.Task.ApplicationId, topic!) : topic, extractor, keySerde, valueSerde);
}
