using Assay.Streams.Internal.Graph;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Checks an application's topics before it runs, and makes its changelogs.</summary>
internal sealed partial class InternalTopics(StreamsOptions options, TopologyGraph graph, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A topic is created some time before every broker knows it.</summary>
    private static readonly TimeSpan Propagation = TimeSpan.FromSeconds(3);

    private readonly IAdminClient _admin = new AdminClientBuilder(ClientConfigs.Admin(options)).SetLogHandler((_, _) => { }).Build();

    /// <summary>The number of partitions of each input topic.</summary>
    /// <exception cref="StreamsException">An input or output topic is missing, co-partitioned inputs differ, or a changelog does not fit.</exception>
    /// <exception cref="KafkaException">Kafka could not be asked.</exception>
    public async Task<IReadOnlyDictionary<string, int>> Prepare()
    {
        Dictionary<string, int> counts = await PartitionCountsOfAll();
        List<TopicSpecification> changelogs = [];
        foreach (SubTopology subTopology in graph.SubTopologies)
        {
            int partitions = CheckInputs(subTopology, counts);
            foreach (string topic in subTopology.OutputTopics)
            {
                if (!counts.ContainsKey(topic))
                    throw new StreamsException($"The output topic '{topic}' does not exist: create it, then start {options.ApplicationId} again.");
            }
            foreach (StoreBuilder store in subTopology.Stores.Where(store => store.LoggingEnabled))
            {
                string topic = TopologyGraph.ChangelogTopic(options.ApplicationId, store.Name);
                if (!counts.TryGetValue(topic, out int existing))
                    changelogs.Add(Changelog(topic, partitions, store));
                else if (existing != partitions)
                    throw Changed(subTopology, partitions, topic, existing);
            }
        }
        if (changelogs.Count > 0)
            await Create(changelogs);
        return graph.SubTopologies.SelectMany(subTopology => subTopology.InputTopics).ToDictionary(topic => topic, topic => counts[topic], StringComparer.Ordinal);
    }

    public StreamsException Grown(string topic, int before) => new(
        $"Topic '{topic}' had {before} partitions when {options.ApplicationId} started and has grown: keys have moved between partitions. " +
        "Without state, start it again; with state, start it under another application id.");

    public void Dispose() => _admin.Dispose();

    private async Task<Dictionary<string, int>> PartitionCountsOfAll()
    {
        HashSet<string> needed = [.. graph.SubTopologies.SelectMany(subTopology => subTopology.InputTopics)];
        needed.UnionWith(graph.SubTopologies.SelectMany(subTopology => subTopology.OutputTopics));
        long started = clock.GetTimestamp();
        while (true)
        {
            Dictionary<string, int> counts = await Task.Run(PartitionCounts);
            if (needed.All(counts.ContainsKey) || clock.GetElapsedTime(started) > Propagation)
                return counts;
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock);
        }
    }

    private Dictionary<string, int> PartitionCounts() => _admin.GetMetadata(Patience).Topics
        .Where(topic => !topic.Error.IsError)
        .ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal);

    private int CheckInputs(SubTopology subTopology, Dictionary<string, int> counts)
    {
        foreach (string topic in subTopology.InputTopics)
        {
            if (!counts.ContainsKey(topic))
                throw new StreamsException($"The input topic '{topic}' does not exist: create it, then start {options.ApplicationId} again.");
        }
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

    private static StreamsException Changed(SubTopology subTopology, int partitions, string changelog, int existing) => new(
        $"The input '{subTopology.InputTopics[0]}' has {partitions} partitions, the state in '{changelog}' was kept for {existing}: keys have moved between partitions. " +
        $"Give the topic its {existing} partitions back, or start anew under another application id.");

    private TopicSpecification Changelog(string topic, int partitions, StoreBuilder store) => new()
    {
        Name = topic,
        NumPartitions = partitions,
        ReplicationFactor = options.ReplicationFactor,
        Configs = new Dictionary<string, string>(store.ChangelogConfig) { ["cleanup.policy"] = "compact" },
    };

    private async Task Create(List<TopicSpecification> topics)
    {
        try
        {
            await _admin.CreateTopicsAsync(topics, new CreateTopicsOptions { RequestTimeout = Patience, OperationTimeout = Patience });
        }
        catch (CreateTopicsException exception) when (exception.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Another instance was faster; both create the same.
        }
        catch (CreateTopicsException exception)
        {
            CreateTopicReport failed = exception.Results.First(result => result.Error.Code is not (ErrorCode.NoError or ErrorCode.TopicAlreadyExists));
            throw new StreamsException($"The changelog topic '{failed.Topic}' cannot be created: {failed.Error.Reason}", exception);
        }
    }
}
