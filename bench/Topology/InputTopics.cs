using Assay.Schemas;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Topology.Bench;

/// <summary>What the broker says of the topics and of the group that reads them.</summary>
internal sealed class InputTopics(Workload workload) : IDisposable
{
    private const int NewPartitions = 3;
    private const int Attempts = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IAdminClient _admin = new AdminClientBuilder(workload.Client).SetLogHandler((_, _) => { }).Build();
    private IConsumer<Ignore, Ignore>? _group;

    /// <summary>Makes the inputs for a filling.</summary>
    /// <exception cref="UserException">They hold records already.</exception>
    public async Task CreateInputs()
    {
        try
        {
            await Create(NewPartitions, workload.Apis, workload.Contracts);
        }
        catch (CreateTopicsException refused) when (refused.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Empty ones may be filled.
        }
        if ((await Offsets(OffsetSpec.Latest())).Values.Any(end => end > 0))
            throw new UserException($"'{workload.Apis}' or '{workload.Contracts}' holds records already: say --filled to run over them, or name others with --apis and --contracts.");
    }

    public Task Create(int partitions, params string[] topics) => _admin.CreateTopicsAsync(topics.Select(topic => new TopicSpecification
    {
        Name = topic,
        NumPartitions = partitions,
        ReplicationFactor = 1,
        // Records of 2023 must not be deleted for their age.
        Configs = new() { ["retention.ms"] = "-1" },
    }));

    /// <exception cref="UserException">A topic is missing.</exception>
    public async Task<Dictionary<TopicPartition, long>> Offsets(OffsetSpec at)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await OffsetsNow(at);
            }
            catch (ListOffsetsException) when (attempt < Attempts)
            {
                // The partitions of a new topic have no leader yet.
                await Task.Delay(Pause * attempt);
            }
        }
    }

    private async Task<Dictionary<TopicPartition, long>> OffsetsNow(OffsetSpec at)
    {
        try
        {
            DescribeTopicsResult topics = await _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([workload.Apis, workload.Contracts]));
            ListOffsetsResult offsets = await _admin.ListOffsetsAsync(topics.TopicDescriptions.SelectMany(topic => topic.Partitions
                .Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic.Name, partition.Partition), OffsetSpec = at })));
            return offsets.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.TopicPartition, info => info.TopicPartitionOffsetError.Offset.Value);
        }
        catch (DescribeTopicsException unknown)
        {
            throw new UserException($"The topics '{workload.Apis}' and '{workload.Contracts}' cannot be read: {unknown.Message.TrimEnd('.')}; leave --filled out to have them made.", unknown);
        }
    }

    /// <summary>The group's committed offsets; none while its coordinator is not there yet. Asked with a consumer: the admin client's request crashes the process on a cluster that has just started.</summary>
    public Task<Dictionary<TopicPartition, long>> Committed(string group, IReadOnlyCollection<TopicPartition> partitions) => Task.Run(() =>
    {
        _group ??= new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig(workload.Client) { GroupId = group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
        try
        {
            return _group.Committed(partitions, Patience)
                .Where(partition => partition.Offset.Value >= 0)
                .ToDictionary(partition => partition.TopicPartition, partition => partition.Offset.Value);
        }
        catch (KafkaException)
        {
            return [];
        }
    });

    /// <summary>How many committed records a topic holds; they are read, since offsets count the markers of transactions too.</summary>
    public long Count(string topic, int partitions, CancellationToken cancellation)
    {
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig(workload.Client)
        {
            GroupId = topic,
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
        }).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        long records = 0;
        for (int open = partitions; open > 0;)
        {
            if (consumer.Consume(cancellation).IsPartitionEOF)
                open--;
            else
                records++;
        }
        return records;
    }

    public void Dispose()
    {
        _group?.Dispose();
        _admin.Dispose();
    }
}
