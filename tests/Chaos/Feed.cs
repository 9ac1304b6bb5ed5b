using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Chaos.Tests;

/// <summary>Makes the topics and writes the input while everything else fails.</summary>
internal sealed class Feed : IDisposable
{
    private const int PerTick = 8;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private readonly string _bootstrap;
    private readonly IProducer<string, byte[]?> _producer;

    public Feed(string bootstrap)
    {
        _bootstrap = bootstrap;
        _producer = new ProducerBuilder<string, byte[]?>(new ProducerConfig(ChaosApplication.Client(bootstrap)) { EnableIdempotence = true, LingerMs = 5 })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).SetValueSerializer(Serializers.ByteArray!).Build();
    }

    public async Task MakeTopics(TimeSpan within)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig(ChaosApplication.Client(_bootstrap))).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        await Eventually.True(() => Answers(admin), "the broker answers", within);
        await admin.CreateTopicsAsync(ChaosInput.Topics.Append(ChaosApplication.Output).Select(
            topic => new TopicSpecification { Name = topic, NumPartitions = ChaosApplication.Partitions, ReplicationFactor = 1 }));
    }

    /// <summary>Sends record after record until told to stop, then what closes the input.</summary>
    public async Task Run(ChaosInput input, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            for (int i = 0; i < PerTick; i++)
                Send(input.Next());
            await Task.Delay(Tick, TestContext.Current.CancellationToken);
        }
        foreach (InputRecord record in input.Finish())
            Send(record);
        Assert.Equal(0, _producer.Flush(TimeSpan.FromSeconds(60)));
    }

    public void Dispose() => _producer.Dispose();

    private void Send(InputRecord record) => _producer.Produce(new TopicPartition(record.Topic, record.Partition), new Message<string, byte[]?>
    {
        Key = record.Key,
        Value = record.Topic == ChaosApplication.Events ? Number(record.Value!) : record.Value is null ? null : Encoding.UTF8.GetBytes(record.Value),
        Timestamp = new Timestamp(record.Timestamp, TimestampType.CreateTime),
    });

    private static byte[] Number(string value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, long.Parse(value, CultureInfo.InvariantCulture));
        return bytes;
    }

    private static bool Answers(IAdminClient admin)
    {
        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(1)).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
