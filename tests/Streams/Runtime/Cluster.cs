using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Tests.Runtime;

/// <summary>A record as a consumer of committed records sees it.</summary>
internal sealed record Seen(string Topic, int Partition, long Offset, string? Key, byte[]? Value, long Timestamp, Headers Headers)
{
    public string Text => Encoding.UTF8.GetString(Value!);

    public long Number => Serdes.Long.Deserialize(Value, default);
}

/// <summary>What a test does with a broker besides running the engine; every name is the test's own.</summary>
internal sealed class Cluster : IDisposable
{
    private readonly IAdminClient _admin;
    private readonly IProducer<string?, byte[]?> _producer;

    public Cluster(string bootstrap)
    {
        Bootstrap = bootstrap;
        _admin = new AdminClientBuilder(new AdminClientConfig(Client)).Build();
        _producer = new ProducerBuilder<string?, byte[]?>(new ProducerConfig(Client) { Partitioner = Partitioner.Murmur2Random, LingerMs = 5 })
            .SetKeySerializer(Serializers.Utf8!).SetValueSerializer(Serializers.ByteArray!).Build();
    }

    public string Bootstrap { get; }

    /// <summary>A new one each time: derived configurations share what they are made from.</summary>
    public ClientConfig Client => new() { BootstrapServers = Bootstrap };

    public string Id { get; } = $"t{Guid.NewGuid():N}"[..12];

    public async Task<string> Topic(string name, int partitions, params (string Key, string Value)[] configs)
    {
        string topic = $"{Id}-{name}";
        await _admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = configs.ToDictionary(config => config.Key, config => config.Value),
        }]);
        return topic;
    }

    /// <summary>Deletes a topic and makes it again, empty.</summary>
    public async Task Recreate(string topic, int partitions)
    {
        await _admin.DeleteTopicsAsync([topic]);
        await Eventually.True(async () =>
        {
            try
            {
                await _admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
                return true;
            }
            catch (CreateTopicsException)
            {
                // Its deletion is not done yet.
                return false;
            }
        }, $"{topic} is made again");
    }

    /// <summary>Gives a topic more partitions and waits until clients see them.</summary>
    public async Task AddPartitions(string topic, int to)
    {
        await _admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = to }]);
        await Eventually.True(() => _admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count == to, $"{topic} has {to} partitions");
    }

    /// <summary>How many partitions a topic has, and its cleanup policy.</summary>
    public async Task<(int Partitions, string CleanupPolicy)> Describe(string topic)
    {
        List<DescribeConfigsResult> configs = await _admin.DescribeConfigsAsync([new ConfigResource { Name = topic, Type = ResourceType.Topic }]);
        return (_admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count, configs[0].Entries["cleanup.policy"].Value);
    }

    public void Send(string topic, string? key, string? value, long timestamp, int? partition = null) =>
        _producer.Produce(new TopicPartition(topic, partition ?? Partition.Any), new Message<string?, byte[]?>
        {
            Key = key,
            Value = value is null ? null : Encoding.UTF8.GetBytes(value),
            Timestamp = new Timestamp(timestamp, TimestampType.CreateTime),
        });

    public void Flush() => Assert.Equal(0, _producer.Flush(TimeSpan.FromSeconds(20)));

    /// <summary>Every committed record of a topic up to where its end is now, by partition and offset.</summary>
    public List<Seen> ReadAll(string topic)
    {
        using IConsumer<string?, byte[]?> consumer = new ConsumerBuilder<string?, byte[]?>(new ConsumerConfig(Client)
        {
            GroupId = $"{Id}-reader",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            EnableAutoCommit = false,
        }).SetKeyDeserializer(Deserializers.Utf8!).SetValueDeserializer(Deserializers.ByteArray!).Build();
        List<TopicPartition> partitions = [.. _admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Select(p => new TopicPartition(topic, p.PartitionId))];
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        Dictionary<TopicPartition, long> ends = partitions.ToDictionary(partition => partition, partition => consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(10)).High.Value);
        HashSet<TopicPartition> ended = [];
        List<Seen> seen = [];
        while (ended.Count < partitions.Count)
        {
            ConsumeResult<string?, byte[]?> result = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"{topic} was not read to its end.");
            // A topic that is being written to may give no end event for long; one that ends in a marker gives no record there.
            if (result.IsPartitionEOF || result.Offset.Value + 1 >= ends[result.TopicPartition])
                ended.Add(result.TopicPartition);
            if (!result.IsPartitionEOF)
                seen.Add(new Seen(result.Topic, result.Partition.Value, result.Offset.Value, result.Message.Key, result.Message.Value, result.Message.Timestamp.UnixTimestampMs, result.Message.Headers));
        }
        return [.. seen.OrderBy(record => record.Partition).ThenBy(record => record.Offset)];
    }

    /// <summary>Waits until a topic holds that many committed records, then gives all.</summary>
    public async Task<List<Seen>> ReadWhen(string topic, int count, TimeSpan? within = null)
    {
        List<Seen> seen = [];
        await Eventually.True(() => (seen = ReadAll(topic)).Count >= count, $"{topic} holds {count} committed records", within ?? TimeSpan.FromSeconds(60));
        return seen;
    }

    /// <summary>The group's committed offset, or −1. Asked with a consumer: the admin client's request has crashed the process on a cluster that had just started.</summary>
    public Task<long> Committed(string group, string topic, int partition) => Task.Run(() =>
    {
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig(Client) { GroupId = group }).Build();
        return Math.Max(consumer.Committed([new TopicPartition(topic, partition)], TimeSpan.FromSeconds(20))[0].Offset.Value, -1);
    });

    /// <summary>Sets the committed offset of a group without members.</summary>
    public Task Commit(string group, string topic, int partition, long offset) =>
        _admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets(group, [new TopicPartitionOffset(topic, partition, offset)])]);

    /// <summary>The end of the log, open transactions included.</summary>
    public long End(string topic, int partition) => Watermarks(topic, partition).High.Value;

    /// <summary>Where the first open transaction begins, else the end.</summary>
    public long Stable(string topic, int partition) => Watermarks(topic, partition, IsolationLevel.ReadCommitted).High.Value;

    /// <summary>The first offset that is still there.</summary>
    public long Beginning(string topic, int partition) => Watermarks(topic, partition).Low.Value;

    private WatermarkOffsets Watermarks(string topic, int partition, IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig(Client) { GroupId = $"{Id}-end", IsolationLevel = isolation }).Build();
        return consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(10));
    }

    public void Dispose()
    {
        _producer.Dispose();
        _admin.Dispose();
    }
}

/// <summary>An application that runs beside the test.</summary>
internal sealed class Application : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    private Application(KafkaStreams streams)
    {
        Streams = streams;
        Run = streams.RunAsync(_cancellation.Token);
    }

    public KafkaStreams Streams { get; }

    public Task Run { get; }

    public static Application Start(Topology topology, StreamsOptions options, ILoggerFactory? loggers = null)
    {
        KafkaStreams streams = new(topology, options, loggers ?? TestLoggers.Factory, TimeProvider.System);
        return new Application(streams);
    }

    public static async Task<Application> StartAndWait(Topology topology, StreamsOptions options, ILoggerFactory? loggers = null)
    {
        Application application = Start(topology, options, loggers);
        await application.Running();
        return application;
    }

    public async Task Running()
    {
        await Eventually.True(() => Streams.State == StreamsState.Running || Run.IsFaulted, "the application runs", TimeSpan.FromSeconds(60));
        if (Run.IsFaulted)
            await Run;
    }

    public async Task Close()
    {
        await _cancellation.CancelAsync();
        await Run;
    }

    /// <summary>As a kill would end it: nothing is committed, nobody is told.</summary>
    public void Kill() => Streams.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        try
        {
            await Run;
        }
        catch (StreamsException)
        {
            // The test has looked at it, or it fails for another reason.
        }
        Streams.Dispose();
        _cancellation.Dispose();
    }
}
