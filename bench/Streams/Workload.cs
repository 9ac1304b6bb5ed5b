using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Streams.Bench;

/// <summary>The input: <paramref name="Bytes"/>-byte values under 5,000 keys.</summary>
internal sealed record Workload(string Bootstrap, string Topic, int Records, int Partitions, int Threads, int Bytes)
{
    public const int PassOneIn = 100;

    public ClientConfig Client => new() { BootstrapServers = Bootstrap };

    /// <summary>Names one run's group and topics.</summary>
    public static string NewId() => $"bench-{Guid.NewGuid():N}"[..14];

    public async Task Create(string topic)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig(Client)).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
    }

    public async Task Fill()
    {
        await Create(Topic);
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig(Client) { LingerMs = 20, Partitioner = Partitioner.Murmur2Random, QueueBufferingMaxMessages = 1_000_000 }).Build();
        byte[] value = new byte[Bytes];
        for (int i = 0; i < Records; i++)
        {
            value[0] = (byte)(i % PassOneIn);
            while (true)
            {
                try
                {
                    producer.Produce(Topic, new Message<string, byte[]> { Key = $"key-{i % 5000}", Value = value, Timestamp = new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime) });
                    break;
                }
                catch (ProduceException<string, byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Flush(TimeSpan.FromMilliseconds(100));
                }
            }
        }
        producer.Flush(CancellationToken.None);
    }
}

/// <summary>Counts records over all threads and takes the time from the first to the last.</summary>
internal sealed class Progress(int records)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private long _started;
    private long _allocatedBefore;
    private TimeSpan _cpuBefore;

    public Task Done => _done.Task;

    public double Seconds { get; private set; }

    public long Allocated { get; private set; }

    /// <summary>Of the whole process, librdkafka's threads included: unlike the time, it does not depend on who else uses the machine.</summary>
    public double CpuSeconds { get; private set; }

    /// <summary>Each thread reports its records in lots, since a shared counter per record would be what is measured.</summary>
    public void Add(int lot)
    {
        if (Interlocked.CompareExchange(ref _started, Stopwatch.GetTimestamp(), 0) == 0)
        {
            _allocatedBefore = GC.GetTotalAllocatedBytes();
            _cpuBefore = Environment.CpuUsage.TotalTime;
        }
        if (Interlocked.Add(ref _count, lot) < records)
            return;
        Seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        CpuSeconds = (Environment.CpuUsage.TotalTime - _cpuBefore).TotalSeconds;
        Allocated = GC.GetTotalAllocatedBytes() - _allocatedBefore;
        _done.TrySetResult();
    }
}
