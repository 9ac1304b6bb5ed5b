namespace Assay.Streams.Internal.Graph;

/// <summary>How many partitions each repartition topic gets.</summary>
/// <remarks>
/// The inputs of a sub-topology with stores meet there, so they have one count: that of its outside inputs, else the one that was given, else the
/// largest that one of them would get by itself. A topic by itself gets the count that was given, else the most partitions of any input of the
/// sub-topologies that write it; chains are followed.
/// </remarks>
internal sealed class RepartitionCounts
{
    private readonly TopologyGraph _graph;
    private readonly IReadOnlyDictionary<string, int> _outside;
    private readonly Dictionary<string, int> _found = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private RepartitionCounts(TopologyGraph graph, IReadOnlyDictionary<string, int> outside)
    {
        _graph = graph;
        _outside = outside;
    }

    /// <summary>The counts by full name.</summary>
    /// <param name="graph">Of a topology with its application id.</param>
    /// <param name="outside">The number of partitions of every input topic that is no repartition topic.</param>
    /// <exception cref="StreamsException">A count that was given does not fit what the topic meets.</exception>
    public static IReadOnlyDictionary<string, int> Of(TopologyGraph graph, IReadOnlyDictionary<string, int> outside)
    {
        RepartitionCounts counts = new(graph, outside);
        foreach (string topic in graph.RepartitionTopics.Keys)
            counts._found[topic] = counts.CountOf(topic);
        return counts._found;
    }

    /// <summary>Zero while the question is open already: what a topic itself gives adds nothing.</summary>
    private int CountOf(string topic)
    {
        if (_outside.TryGetValue(topic, out int count) || _found.TryGetValue(topic, out count))
            return count;
        if (!_asked.Add(topic))
            return 0;
        SubTopology reader = _graph.SubTopologies.First(subTopology => subTopology.InputTopics.Contains(topic));
        count = reader.Stores.Count > 0 ? CountOfMeeting(reader) : CountAlone(topic);
        _asked.Remove(topic);
        return count;
    }

    private int CountOfMeeting(SubTopology reader)
    {
        string? outside = reader.InputTopics.FirstOrDefault(_outside.ContainsKey);
        (string Topic, int Count)? leader = outside is not null ? (outside, _outside[outside]) : null;
        foreach (string topic in reader.InputTopics)
        {
            if (_outside.ContainsKey(topic) || _graph.RepartitionTopics[topic] is not { } given)
                continue;
            leader ??= (topic, given);
            if (given != leader.Value.Count)
            {
                throw new StreamsException(
                    $"The repartition topic '{topic}' is to have {given} partitions, but '{leader.Value.Topic}', with which it is read, has {leader.Value.Count}: " +
                    "give both the same number, or this one none.");
            }
        }
        return leader?.Count ?? reader.InputTopics.Max(CountAlone);
    }

    private int CountAlone(string topic)
    {
        if (_graph.RepartitionTopics[topic] is { } given)
            return given;
        int most = 0;
        foreach (SubTopology writer in _graph.SubTopologies)
        {
            if (writer.RepartitionOutputs.Contains(topic))
                most = Math.Max(most, writer.InputTopics.Max(CountOf));
        }
        return most;
    }
}
