using System.Text;

namespace Assay.Streams.Internal.Graph;

/// <summary>Prints a topology in the text form of Kafka Streams' <c>TopologyDescription</c>, which its visualisers read.</summary>
internal static class TopologyDescription
{
    public static string Of(TopologyGraph graph)
    {
        StringBuilder text = new("Topologies:\n ");
        foreach (SubTopology subTopology in graph.SubTopologies)
        {
            text.Append("  Sub-topology: ").Append(subTopology.Id).Append('\n');
            foreach (TopologyNode node in InPrintingOrder(subTopology))
                Append(text, node);
            text.Append('\n');
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, TopologyNode node)
    {
        text.Append("    ");
        if (node is ISourceDefinition source)
            text.Append("Source: ").Append(node.Name).Append(" (topics: [").AppendJoin(", ", source.Topics).Append("])\n      --> ").Append(Names(node.Children));
        else if (node is ISinkDefinition sink)
            text.Append("Sink: ").Append(node.Name).Append(" (").Append(sink.Target).Append(")\n      <-- ").Append(Names(node.Parents));
        else
        {
            text.Append("Processor: ").Append(node.Name).Append(" (stores: [").AppendJoin(", ", node.Stores).Append("])\n      --> ").Append(Names(node.Children))
                .Append("\n      <-- ").Append(Names(node.Parents));
        }
        text.Append('\n');
    }

    private static string Names(IReadOnlyCollection<TopologyNode> nodes) =>
        nodes.Count == 0 ? "none" : string.Join(", ", nodes.Select(node => node.Name).Order(StringComparer.Ordinal));

    /// <summary>Sources first by the size of what hangs on them; every node before its children.</summary>
    private static IEnumerable<TopologyNode> InPrintingOrder(SubTopology subTopology)
    {
        Dictionary<TopologyNode, int> sizes = [];
        return subTopology.Nodes.OrderByDescending(node => Size(node, sizes)).ThenBy(node => node.Name, StringComparer.Ordinal);
    }

    private static int Size(TopologyNode node, Dictionary<TopologyNode, int> sizes)
    {
        if (!sizes.TryGetValue(node, out int size))
            sizes[node] = size = 1 + node.Children.Sum(child => Size(child, sizes));
        return size;
    }
}
