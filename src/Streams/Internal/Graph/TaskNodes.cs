using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Graph;

/// <summary>The nodes of one task while they are made: each definition once, children before parents.</summary>
internal sealed class TaskNodes(StreamTask task)
{
    private readonly Dictionary<TopologyNode, Node> _nodes = [];

    public StreamTask Task => task;

    /// <summary>In the order in which they were made.</summary>
    public List<Node> All { get; } = [];

    public TNode GetOrAdd<TDefinition, TNode>(TDefinition definition, Func<TDefinition, TaskNodes, TNode> make)
        where TDefinition : TopologyNode
        where TNode : Node
    {
        if (_nodes.TryGetValue(definition, out Node? known))
            return (TNode)known;
        TNode made = make(definition, this);
        _nodes.Add(definition, made);
        All.Add(made);
        return made;
    }

    public NodeInput<TKey, TValue>[] ChildrenOf<TKey, TValue>(TopologyNode<TKey, TValue> parent)
    {
        NodeInput<TKey, TValue>[] children = new NodeInput<TKey, TValue>[parent.Inputs.Count];
        for (int i = 0; i < children.Length; i++)
            children[i] = parent.Inputs[i].Build(this);
        return children;
    }
}
