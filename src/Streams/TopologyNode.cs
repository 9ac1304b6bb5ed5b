using Assay.Streams.Internal.Graph;

namespace Assay.Streams;

/// <summary>A node of a topology under construction.</summary>
public abstract class TopologyNode
{
    private protected TopologyNode(string name, IReadOnlyList<TopologyNode> parents)
    {
        Name = name;
        Parents = parents;
    }

    public string Name { get; }

    internal IReadOnlyList<TopologyNode> Parents { get; }

    internal List<TopologyNode> Children { get; } = [];

    /// <summary>Names of the connected stores, in ordinal order, as <see cref="Topology.Describe"/> prints them.</summary>
    internal SortedSet<string> Stores { get; } = new(StringComparer.Ordinal);
}

/// <summary>A node whose output is records of these types; what <see cref="Topology"/> takes as a parent.</summary>
public abstract class TopologyNode<TKey, TValue> : TopologyNode
{
    private protected TopologyNode(string name, IReadOnlyList<TopologyNode> parents) : base(name, parents)
    {
    }

    internal List<INodeInput<TKey, TValue>> Inputs { get; } = [];
}

/// <summary>Names the topic that a record goes to, which must exist.</summary>
/// <param name="record">The record to be written.</param>
/// <param name="source">Where the input in process came from; null while a punctuator runs.</param>
public delegate string TopicNameExtractor<TKey, TValue>(in Record<TKey, TValue> record, RecordMetadata? source);

/// <summary>Gives a record its time, ms since the epoch; a negative one goes to the deserialization handler.</summary>
/// <param name="record">The record, with Kafka's timestamp.</param>
/// <param name="partitionTime">The highest time seen in the record's partition, −1 before the first.</param>
public delegate long TimestampExtractor<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime);
