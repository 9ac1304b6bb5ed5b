namespace Assay.Streams.Internal.Graph;

/// <summary>The nodes that run together in a task, and their stores.</summary>
/// <param name="id">Its number.</param>
/// <param name="nodes">In the order of their addition.</param>
/// <param name="stores">Of its nodes.</param>
/// <param name="applicationId">What internal topics have in front; null: nothing, as where a topology is only described.</param>
internal sealed class SubTopology(int id, IReadOnlyList<TopologyNode> nodes, IReadOnlyList<StoreBuilder> stores, string? applicationId)
{
    public int Id => id;

    public IReadOnlyList<TopologyNode> Nodes => nodes;

    public IReadOnlyList<StoreBuilder> Stores => stores;

    public IReadOnlyList<ISourceDefinition> Sources { get; } = [.. nodes.OfType<ISourceDefinition>()];

    /// <summary>By their full names.</summary>
    public IReadOnlyList<string> InputTopics { get; } = [.. nodes.OfType<ISourceDefinition>().SelectMany(source => TopologyGraph.TopicsOf(source, applicationId))];

    /// <summary>The repartition topics that it writes, by their full names.</summary>
    public IReadOnlyList<string> RepartitionOutputs { get; } =
        [.. nodes.OfType<ISinkDefinition>().Where(sink => sink.IsInternal).Select(sink => TopologyGraph.RepartitionTopic(applicationId, sink.Topic!)).Distinct()];

    /// <summary>The topics that it writes and that must exist; those that records name themselves are not among them.</summary>
    public IReadOnlyList<string> OutputTopics { get; } =
        [.. nodes.OfType<ISinkDefinition>().Where(sink => !sink.IsInternal && sink.Topic is not null).Select(sink => sink.Topic!).Distinct()];

    /// <summary>The input whose partitions are the tasks: the one with the most, the first by name among equals, so that all instances agree.</summary>
    public string Leader(IReadOnlyDictionary<string, int> partitionCounts) =>
        InputTopics.OrderByDescending(topic => partitionCounts[topic]).ThenBy(topic => topic, StringComparer.Ordinal).First();
}

/// <summary>A topology cut into sub-topologies: two nodes are in the same one if an edge or a shared store connects them.</summary>
/// <remarks>Numbered as Kafka Streams does, in the order in which their first nodes were added, so that task and thread names mean the same to its tools.</remarks>
internal sealed class TopologyGraph
{
    private TopologyGraph(IReadOnlyList<SubTopology> subTopologies, IReadOnlyDictionary<string, int?> repartitionTopics)
    {
        SubTopologies = subTopologies;
        RepartitionTopics = repartitionTopics;
    }

    public IReadOnlyList<SubTopology> SubTopologies { get; }

    /// <summary>The application's own topics between its sub-topologies, by full name, with their number of partitions where that was given;
    /// <see cref="RepartitionCounts"/> finds the others.</summary>
    public IReadOnlyDictionary<string, int?> RepartitionTopics { get; }

    public static string ChangelogTopic(string applicationId, string store) => $"{applicationId}-{store}-changelog";

    /// <summary>The full name of a topic whose own ends in <c>-repartition</c>.</summary>
    public static string RepartitionTopic(string? applicationId, string topic) => applicationId is null ? topic : $"{applicationId}-{topic}";

    /// <summary>By their full names.</summary>
    public static IEnumerable<string> TopicsOf(ISourceDefinition source, string? applicationId) =>
        source.IsInternal ? source.Topics.Select(topic => RepartitionTopic(applicationId, topic)) : source.Topics;

    /// <param name="topology">To be cut.</param>
    /// <param name="applicationId">Goes in front of internal topics' names; null: they stay as they are.</param>
    /// <exception cref="StreamsException">There is no source.</exception>
    public static TopologyGraph Of(Topology topology, string? applicationId = null)
    {
        Dictionary<TopologyNode, TopologyNode> leaders = topology.Nodes.ToDictionary(node => node, node => node);
        Dictionary<string, TopologyNode> storeUsers = new(StringComparer.Ordinal);
        foreach (TopologyNode node in topology.Nodes)
        {
            foreach (TopologyNode parent in node.Parents)
                leaders[Leader(leaders, node)] = Leader(leaders, parent);
            foreach (string store in node.Stores)
            {
                if (!storeUsers.TryAdd(store, node))
                    leaders[Leader(leaders, node)] = Leader(leaders, storeUsers[store]);
            }
        }
        List<SubTopology> subTopologies = [];
        foreach (TopologyNode leader in topology.Nodes.Select(node => Leader(leaders, node)).Distinct())
        {
            List<TopologyNode> nodes = [.. topology.Nodes.Where(node => Leader(leaders, node) == leader)];
            IEnumerable<string> stores = nodes.SelectMany(node => node.Stores).Distinct(StringComparer.Ordinal);
            subTopologies.Add(new SubTopology(subTopologies.Count, nodes, [.. stores.Select(store => topology.Stores[store])], applicationId));
        }
        if (subTopologies.Count == 0)
            throw new StreamsException("The topology reads nothing: add a source.");
        return new TopologyGraph(
            subTopologies, topology.RepartitionTopics.ToDictionary(topic => RepartitionTopic(applicationId, topic.Key), topic => topic.Value, StringComparer.Ordinal));
    }

    private static TopologyNode Leader(Dictionary<TopologyNode, TopologyNode> leaders, TopologyNode node)
    {
        while (leaders[node] != node)
            node = leaders[node];
        return node;
    }
}
