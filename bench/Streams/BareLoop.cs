using System.Diagnostics;
using Confluent.Kafka;

namespace Assay.Streams.Bench;

/// <summary>Between what and what a bare loop runs.</summary>
/// <param name="Id">Consumer group, and prefix of the transactional ids.</param>
/// <param name="Threads">Each with a consumer and a producer.</param>
internal sealed record LoopPlan(string Bootstrap, string Id, IReadOnlyList<string> Inputs, string Output, int Threads);

/// <summary>What one would write without an engine: consume, look, produce, commit offsets in the transaction every 100 ms; one client pair per thread.</summary>
internal static class BareLoop
{
    /// <param name="plan">Where it runs.</param>
    /// <param name="filters">Makes a thread's own look at a record: true passes it on.</param>
    /// <param name="processed">Told how many records a thread has seen since it last told.</param>
    /// <param name="done">Ends the loop.</param>
    public static Task Run(LoopPlan plan, Func<Func<ConsumeResult<string, byte[]>, bool>> filters, Action<int> processed, Task done) =>
        Task.WhenAll(Enumerable.Range(0, plan.Threads).Select(number => Task.Factory.StartNew(
            () => Loop(plan, number, filters(), processed, done), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    private static void Loop(LoopPlan plan, int number, Func<ConsumeResult<string, byte[]>, bool> passes, Action<int> processed, Task done)
    {
        using IConsumer<string, byte[]> consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = plan.Bootstrap,
            GroupId = plan.Id,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            ConsumeResultFields = "topic",
            FetchQueueBackoffMs = 10,
        }).Build();
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = plan.Bootstrap, TransactionalId = $"{plan.Id}-{number}", LingerMs = 20, Partitioner = Partitioner.Murmur2Random }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        consumer.Subscribe(plan.Inputs);
        Dictionary<TopicPartition, long> offsets = [];
        producer.BeginTransaction();
        long lastCommit = Stopwatch.GetTimestamp();
        int lot = 0;
        while (!done.IsCompleted)
        {
            ConsumeResult<string, byte[]>? result = consumer.Consume(TimeSpan.Zero) ?? consumer.Consume(TimeSpan.FromMilliseconds(50));
            if (result is not null)
            {
                offsets[result.TopicPartition] = result.Offset.Value + 1;
                if (passes(result))
                    producer.Produce(plan.Output, new Message<string, byte[]> { Key = result.Message.Key, Value = result.Message.Value });
                lot++;
            }
            if (lot > 0 && (lot == 1000 || result is null))
            {
                processed(lot);
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
