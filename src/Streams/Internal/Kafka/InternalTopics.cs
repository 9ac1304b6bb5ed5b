using Assay.Streams.Internal.Graph;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Checks an application's topics before it runs, makes its own (changelogs, and what carries records between sub-topologies), and looks after them.</summary>
internal sealed partial class InternalTopics : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A topic is created some time before every broker knows it.</summary>
    private static readonly TimeSpan Propagation = TimeSpan.FromSeconds(3);

    private readonly StreamsOptions _options;
    private readonly TopologyGraph _graph;
    private readonly TimeProvider _clock;
    private readonly SharedAdmin _admin;
    private readonly TopicChecks _checks;

    public InternalTopics(StreamsOptions options, TopologyGraph graph, TimeProvider clock)
    {
        _options = options;
        _graph = graph;
        _clock = clock;
        _admin = new SharedAdmin(new AdminClientBuilder(ClientConfigs.Admin(options)).SetLogHandler((_, _) => { }).Build());
        _checks = new TopicChecks(options, _admin, Patience);
    }

    /// <summary>The number of partitions of each input topic.</summary>
    /// <exception cref="StreamsException">A topic is missing or does not fit.</exception>
    /// <exception cref="KafkaException">Kafka could not be asked.</exception>
    public async Task<IReadOnlyDictionary<string, int>> Prepare()
    {
        long started = _clock.GetTimestamp();
        while (true)
        {
            if (await TryPrepare() is { } inputs)
                return inputs;
            if (_clock.GetElapsedTime(started) > Patience)
                throw new KafkaException(new Error(ErrorCode.Local_UnknownTopic, "a topic that another made is not to be seen yet"));
            await Task.Delay(TimeSpan.FromMilliseconds(100), _clock);
        }
    }

    /// <summary>Null where someone else has just made one of the application's topics: it is to be checked as soon as it can be seen.</summary>
    private async Task<Dictionary<string, int>?> TryPrepare()
    {
        Dictionary<string, int> counts = await PartitionCountsOfAll();
        Dictionary<string, int> inputs = _checks.Outside(_graph, counts);
        IReadOnlyDictionary<string, int> repartitions = RepartitionCounts.Of(_graph, inputs);
        await _checks.CheckRepartitionTopics(repartitions, counts);
        List<TopicSpecification> missing = [];
        foreach ((string topic, int partitions) in repartitions)
        {
            inputs.Add(topic, partitions);
            if (!counts.ContainsKey(topic))
                missing.Add(RepartitionTopic(topic, partitions));
        }
        foreach (SubTopology subTopology in _graph.SubTopologies)
        {
            int partitions = TopicChecks.CheckCoPartitioning(subTopology, inputs);
            foreach (StoreBuilder store in subTopology.Stores.Where(store => store.LoggingEnabled))
            {
                string topic = TopologyGraph.ChangelogTopic(_options.ApplicationId, store.Name);
                if (counts.TryGetValue(topic, out int existing))
                    TopicChecks.CheckChangelog(subTopology, partitions, topic, existing);
                else
                    missing.Add(Changelog(topic, partitions, store));
            }
        }
        await _checks.CheckCommitted(inputs, counts);
        if (missing.Count > 0 && !await Create(missing))
            return null;
        return inputs;
    }

    /// <summary>The first of some topics that has more partitions than it had (rule 21); null where none has.</summary>
    /// <exception cref="KafkaException">Kafka could not be asked.</exception>
    public async Task<string?> FindGrown(IReadOnlyDictionary<string, int> before)
    {
        Dictionary<string, int> now = await PartitionCounts();
        return before.FirstOrDefault(topic => now.GetValueOrDefault(topic.Key) > topic.Value).Key;
    }

    /// <summary>The application's group as the broker knows it now.</summary>
    /// <exception cref="KafkaException">Kafka could not be asked.</exception>
    public async Task<IReadOnlyCollection<GroupMember>> GroupMembers()
    {
        DescribeConsumerGroupsResult result = await _admin.Ask(admin => admin.DescribeConsumerGroupsAsync(
            [_options.ApplicationId], new DescribeConsumerGroupsOptions { RequestTimeout = Patience }));
        return [.. result.ConsumerGroupDescriptions[0].Members.Select(member => new GroupMember(
            member.ClientId, [.. (member.Assignment?.TopicPartitions ?? []).Select(partition => (partition.Topic, partition.Partition.Value))]))];
    }

    /// <summary>Deletes the records before the given offsets.</summary>
    /// <exception cref="KafkaException">Not done for all of them.</exception>
    public Task DeleteRecords(IEnumerable<TopicPartitionOffset> before) =>
        _admin.Ask(admin => admin.DeleteRecordsAsync(before, new DeleteRecordsOptions { RequestTimeout = Patience, OperationTimeout = Patience }));

    public StreamsException Grown(string topic, int before) => new(
        $"Topic '{topic}' had {before} partitions when {_options.ApplicationId} started and has grown: keys have moved between partitions. " +
        "Without state, start it again; with state, start it under another application id.");

    public void Dispose() => _admin.Dispose();

    private async Task<Dictionary<string, int>> PartitionCountsOfAll()
    {
        HashSet<string> needed = [.. _graph.SubTopologies.SelectMany(subTopology => subTopology.InputTopics).Where(topic => !_graph.RepartitionTopics.ContainsKey(topic))];
        needed.UnionWith(_graph.SubTopologies.SelectMany(subTopology => subTopology.OutputTopics));
        long started = _clock.GetTimestamp();
        while (true)
        {
            Dictionary<string, int> counts = await PartitionCounts();
            if (needed.All(counts.ContainsKey) || _clock.GetElapsedTime(started) > Propagation)
                return counts;
            await Task.Delay(TimeSpan.FromMilliseconds(200), _clock);
        }
    }

    private Task<Dictionary<string, int>> PartitionCounts() => _admin.Ask(admin => Task.Run(() => admin.GetMetadata(Patience).Topics
        .Where(topic => !topic.Error.IsError)
        .ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal)));

    /// <summary>Nothing goes by age or size: only what was read and committed is deleted (rule 24).</summary>
    private TopicSpecification RepartitionTopic(string topic, int partitions) => new()
    {
        Name = topic,
        NumPartitions = partitions,
        ReplicationFactor = _options.ReplicationFactor,
        Configs = new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "-1", ["retention.bytes"] = "-1", ["segment.bytes"] = "52428800" },
    };

    private TopicSpecification Changelog(string topic, int partitions, StoreBuilder store) => new()
    {
        Name = topic,
        NumPartitions = partitions,
        ReplicationFactor = _options.ReplicationFactor,
        Configs = new Dictionary<string, string>(store.ChangelogConfig) { ["cleanup.policy"] = "compact" },
    };

    /// <summary>False where one of them exists already.</summary>
    private async Task<bool> Create(List<TopicSpecification> topics)
    {
        try
        {
            await _admin.Ask(admin => admin.CreateTopicsAsync(topics, new CreateTopicsOptions { RequestTimeout = Patience, OperationTimeout = Patience }));
            return true;
        }
        catch (CreateTopicsException exception) when (exception.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            return false;
        }
        catch (CreateTopicsException exception)
        {
            CreateTopicReport failed = exception.Results.First(result => result.Error.Code is not (ErrorCode.NoError or ErrorCode.TopicAlreadyExists));
            throw new StreamsException($"The internal topic '{failed.Topic}' cannot be created: {failed.Error.Reason}", exception);
        }
    }
}

/// <summary>A member of the application's group.</summary>
/// <param name="ClientId">Its client's.</param>
/// <param name="Leaders">What the group gave it.</param>
internal sealed record GroupMember(string ClientId, IReadOnlyList<(string Topic, int Partition)> Leaders);
