using Assay.Streams.Internal.Graph;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Whether topics that exist fit the application; each misfit is one sentence.</summary>
internal sealed class TopicChecks(StreamsOptions options, SharedAdmin admin, TimeSpan patience)
{
    /// <summary>The partitions of the inputs that are not the application's own, all of which must exist.</summary>
    public Dictionary<string, int> Outside(TopologyGraph graph, IReadOnlyDictionary<string, int> counts)
    {
        Dictionary<string, int> outside = new(StringComparer.Ordinal);
        foreach (string topic in graph.SubTopologies.SelectMany(subTopology => subTopology.InputTopics).Where(topic => !graph.RepartitionTopics.ContainsKey(topic)))
        {
            outside.Add(topic, counts.TryGetValue(topic, out int count)
                ? count
                : throw new StreamsException($"The input topic '{topic}' does not exist: create it, then start {options.ApplicationId} again."));
        }
        foreach (string topic in graph.SubTopologies.SelectMany(subTopology => subTopology.OutputTopics))
        {
            if (!counts.ContainsKey(topic))
                throw new StreamsException($"The output topic '{topic}' does not exist: create it, then start {options.ApplicationId} again.");
        }
        return outside;
    }

    /// <summary>Gives how many tasks a sub-topology has: the most partitions of an input.</summary>
    public static int CheckCoPartitioning(SubTopology subTopology, IReadOnlyDictionary<string, int> counts)
    {
        string first = subTopology.InputTopics[0];
        string? other = subTopology.InputTopics.FirstOrDefault(topic => counts[topic] != counts[first]);
        if (other is not null && subTopology.Stores.Count > 0)
        {
            throw new StreamsException(
                $"The input topics '{first}' and '{other}' share state but have {counts[first]} and {counts[other]} partitions: " +
                "their counts must be equal, so that equal keys meet; create one of them anew.");
        }
        return subTopology.InputTopics.Max(topic => counts[topic]);
    }

    public static void CheckChangelog(SubTopology subTopology, int partitions, string changelog, int existing)
    {
        if (existing != partitions)
        {
            throw new StreamsException(
                $"The input '{subTopology.InputTopics[0]}' has {partitions} partitions, the state in '{changelog}' was kept for {existing}: keys have moved between partitions. " +
                $"Give the topic its {existing} partitions back, or start anew under another application id.");
        }
    }

    /// <summary>Repartition topics that exist must be as the application would make them: it would lose unread records to a retention or to compaction.</summary>
    public async Task CheckRepartitionTopics(IReadOnlyDictionary<string, int> wanted, IReadOnlyDictionary<string, int> counts)
    {
        List<string> existing = [.. wanted.Keys.Where(counts.ContainsKey)];
        foreach (string topic in existing.Where(topic => counts[topic] != wanted[topic]))
        {
            throw new StreamsException(
                $"The repartition topic '{topic}' has {counts[topic]} partitions where {options.ApplicationId} needs {wanted[topic]}: someone else made it, or its inputs have changed. " +
                "start under another application id.");
        }
        if (existing.Count == 0)
            return;
        List<DescribeConfigsResult> configs = await admin.Ask(client => client.DescribeConfigsAsync(
            existing.Select(topic => new ConfigResource { Name = topic, Type = ResourceType.Topic }), new DescribeConfigsOptions { RequestTimeout = patience }));
        foreach (DescribeConfigsResult config in configs)
        {
            string cleanup = config.Entries["cleanup.policy"].Value, retention = config.Entries["retention.ms"].Value;
            if (cleanup != "delete" || retention != "-1")
            {
                throw new StreamsException(
                    $"The repartition topic '{config.ConfigResource.Name}' has cleanup.policy={cleanup} and retention.ms={retention}, which can delete records before they are read: " +
                    "set cleanup.policy=delete and retention.ms=-1.");
            }
        }
    }

    /// <summary>What the group has committed must be in the inputs. (Kafka forgets the commits of a topic that is deleted.)</summary>
    /// <param name="inputs">The partitions of each input as they should be.</param>
    /// <param name="counts">Of all topics that exist.</param>
    public async Task CheckCommitted(IReadOnlyDictionary<string, int> inputs, IReadOnlyDictionary<string, int> counts)
    {
        List<TopicPartition> partitions = [.. from input in inputs
                                              from partition in Enumerable.Range(0, Math.Min(input.Value, counts.GetValueOrDefault(input.Key)))
                                              select new TopicPartition(input.Key, partition)];
        List<TopicPartitionOffset> committed = await Task.Run(() => Committed(partitions));
        if (committed.Count == 0)
            return;
        ListOffsetsResult ends = await admin.Ask(client => client.ListOffsetsAsync(
            committed.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition.TopicPartition, OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = patience }));
        foreach (TopicPartitionOffset end in ends.ResultInfos.Select(info => info.TopicPartitionOffsetError.TopicPartitionOffset))
        {
            long offset = committed.Find(partition => partition.TopicPartition == end.TopicPartition)!.Offset.Value;
            if (offset > end.Offset.Value)
            {
                throw new StreamsException(
                    $"Topic '{end.Topic}' ends at {end.Offset.Value} in partition {end.Partition.Value}, but {options.ApplicationId} has read it up to {offset}: " +
                    "it lost records. Give them back, set the group's offset, or start under another application id.");
            }
        }
    }

    /// <summary>By a consumer, which never joins the group: asked by the admin client while the coordinator is being set up, the process has crashed.</summary>
    private List<TopicPartitionOffset> Committed(List<TopicPartition> partitions)
    {
        if (partitions.Count == 0)
            return [];
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(ClientConfigs.Asking(options)).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        return [.. consumer.Committed(partitions, patience).Where(partition => partition.Offset.Value > 0)];
    }
}
