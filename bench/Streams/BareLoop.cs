using System.Diagnostics;
using Confluent.Kafka;

namespace Assay.Streams.Bench;

/// <summary>What one would write without an engine: consume, look, produce, commit offsets in the transaction every 100 ms; one client pair per thread.</summary>
internal static class BareLoop
{
    public static async Task Run(Workload workload, Progress progress)
    {
        string id = $"bench-{Guid.NewGuid():N}"[..14];
        await workload.Create($"{id}-out");
        Task[] threads = [.. Enumerable.Range(0, workload.Threads).Select(number => Task.Factory.StartNew(
            () => Loop(workload, progress, id, number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(threads);
    }

    private static void Loop(Workload workload, Progress progress, string id, int number)
    {
        using IConsumer<string, byte[]> consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig(workload.Client)
        {
            GroupId = id,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            ConsumeResultFields = "topic",
            FetchQueueBackoffMs = 10,
        }).Build();
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig(workload.Client) { TransactionalId = $"{id}-{number}", LingerMs = 20, Partitioner = Partitioner.Murmur2Random }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        consumer.Subscribe(workload.Topic);
        Dictionary<TopicPartition, long> offsets = [];
        producer.BeginTransaction();
        long lastCommit = Stopwatch.GetTimestamp();
        int lot = 0;
        while (!progress.Done.IsCompleted)
        {
            ConsumeResult<string, byte[]>? result = consumer.Consume(TimeSpan.Zero) ?? consumer.Consume(TimeSpan.FromMilliseconds(50));
            if (result is not null)
            {
                offsets[result.TopicPartition] = result.Offset.Value + 1;
                if (result.Message.Value[0] == 0)
                    producer.Produce($"{id}-out", new Message<string, byte[]> { Key = result.Message.Key, Value = result.Message.Value });
                lot++;
            }
            if (lot > 0 && (lot == 1000 || result is null))
            {
                progress.Add(lot);
                lot = 0;
            }
            if (offsets.Count > 0 && Stopwatch.GetElapsedTime(lastCommit).TotalMilliseconds >= 100)
            {
                producer.SendOffsetsToTransaction(offsets.Select(pair => new TopicPartitionOffset(pair.Key, pair.Value)), consumer.ConsumerGroupMetadata, TimeSpan.FromSeconds(10));
                producer.CommitTransaction();
                producer.BeginTransaction();
                offsets.Clear();
                lastCommit = Stopwatch.GetTimestamp();
            }
        }
        producer.AbortTransaction();
        consumer.Close();
    }
}
