namespace Assay.Streams.Internal.Graph;

/// <summary>The nodes that run together in a task, and their stores.</summary>
internal sealed class SubTopology(int id, IReadOnlyList<TopologyNode> nodes, IReadOnlyList<StoreBuilder> stores)
{
    public int Id => id;

    public IReadOnlyList<TopologyNode> Nodes => nodes;

    public IReadOnlyList<StoreBuilder> Stores => stores;

    public IReadOnlyList<ISourceDefinition> Sources { get; } = [.. nodes.OfType<ISourceDefinition>()];

    public IReadOnlyList<string> InputTopics { get; } = [.. nodes.OfType<ISourceDefinition>().SelectMany(source => source.Topics)];

    /// <summary>The input whose partitions are the tasks: the one with the most, the first by name among equals, so that all instances agree.</summary>
    public string Leader(IReadOnlyDictionary<string, int> partitionCounts) =>
        InputTopics.OrderByDescending(topic => partitionCounts[topic]).ThenBy(topic => topic, StringComparer.Ordinal).First();
}

/// <summary>A topology cut into sub-topologies: two nodes are in the same one if an edge or a shared store connects them.</summary>
/// <remarks>Numbered as Kafka Streams does, by the names of their sources, so that task and thread names mean the same to its tools.</remarks>
internal sealed class TopologyGraph
{
    private TopologyGraph(IReadOnlyList<SubTopology> subTopologies) => SubTopologies = subTopologies;

    public IReadOnlyList<SubTopology> SubTopologies { get; }

    public static string ChangelogTopic(string applicationId, string store) => $"{applicationId}-{store}-changelog";

    /// <exception cref="StreamsException">There is no source.</exception>
    public static TopologyGraph Of(Topology topology)
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
        IEnumerable<TopologyNode> sources = topology.Nodes.Where(node => node is ISourceDefinition).OrderBy(node => node.Name, StringComparer.Ordinal);
        foreach (TopologyNode leader in sources.Select(source => Leader(leaders, source)).Distinct())
        {
            List<TopologyNode> nodes = [.. topology.Nodes.Where(node => Leader(leaders, node) == leader)];
            IEnumerable<string> stores = nodes.SelectMany(node => node.Stores).Distinct(StringComparer.Ordinal);
            subTopologies.Add(new SubTopology(subTopologies.Count, nodes, [.. stores.Select(store => topology.Stores[store])]));
        }
        if (subTopologies.Count == 0)
            throw new StreamsException("The topology reads nothing: add a source.");
        return new TopologyGraph(subTopologies);
    }

    private static TopologyNode Leader(Dictionary<TopologyNode, TopologyNode> leaders, TopologyNode node)
    {
        while (leaders[node] != node)
            node = leaders[node];
        return node;
    }
}
