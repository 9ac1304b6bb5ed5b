using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Bench;

/// <summary>A broker that is killed with a large log, and how long it takes to answer again; Apache Kafka's own recovery is not compared, as it reads more of the log.</summary>
internal static class Recovery
{
    private const int RecordBytes = 100_000;

    public static async Task RunAsync(string kafkaHome, int megabytes, int partitions, CancellationToken ct)
    {
        string folder = Directory.CreateTempSubdirectory("assay-bench-").FullName;
        try
        {
            long written;
            await using (BrokerUnderTest broker = await BrokerUnderTest.StartAsync(BrokerUnderTest.Ours, folder, kafkaHome, ct))
            {
                await FillAsync(broker.Bootstrap, megabytes, partitions, ct);
                written = Size(folder);
                broker.Kill();
            }
            await using BrokerUnderTest again = await BrokerUnderTest.StartAsync(BrokerUnderTest.Ours, folder, kafkaHome, ct);
            Console.WriteLine(
                $"{{\"broker\":\"{again.Name}\",\"megabytes\":{written / 1_000_000},\"partitions\":{partitions},\"first_answer_ms\":{again.AnsweredAfter.TotalMilliseconds:0},\"rss_mb\":{again.Resident}}}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FillAsync(string bootstrap, int megabytes, int partitions, CancellationToken ct)
    {
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = "large", NumPartitions = partitions, ReplicationFactor = 1 }]);
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrap, EnableIdempotence = true, LingerMs = 5, QueueBufferingMaxKbytes = 64 * 1024, BatchSize = 900_000,
        }).Build();
        byte[] value = new byte[RecordBytes];
        Random.Shared.NextBytes(value);
        for (long index = 0; index < megabytes * 1_000_000L / RecordBytes; index++)
            while (true)
                try
                {
                    producer.Produce(new TopicPartition("large", (int)(index % partitions)), new Message<Null, byte[]> { Value = value });
                    break;
                }
                catch (ProduceException<Null, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(10));
                }
        producer.Flush(ct);
    }

    private static long Size(string folder) => new DirectoryInfo(folder).EnumerateFiles("*.log", SearchOption.AllDirectories).Sum(file => file.Length);
}
