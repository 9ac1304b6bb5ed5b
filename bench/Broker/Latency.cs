using System.Diagnostics;
using Confluent.Kafka;

namespace Assay.Broker.Bench;

/// <summary>librdkafka produces 1,000 records a second, each at its moment, and consumes them in the same process: one clock.</summary>
internal static class Latency
{
    private const int PerSecond = 1_000;
    private const int WarmUp = 2 * PerSecond;

    public static Task RunAsync(string kafkaHome, int runs, int seconds, CancellationToken ct) => BrokerUnderTest.InTurnsAsync(kafkaHome, runs, async broker =>
    {
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = broker.Bootstrap, EnableIdempotence = true, LingerMs = 0,
        }).Build();
        await producer.ProduceAsync("latency", new Message<Null, byte[]> { Value = new byte[100] }, ct);
        int count = seconds * PerSecond + WarmUp;
        Task<List<double>> consuming = Task.Factory.StartNew(() => Consume(broker.Bootstrap, count, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Factory.StartNew(() => Produce(producer, count, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        List<double> all = await consuming;
        List<double> sorted = [.. all.Skip(WarmUp).Order()];
        double At(double part) => sorted[(int)((sorted.Count - 1) * part)];
        Console.WriteLine($"{{\"broker\":\"{broker.Name}\",\"records\":{sorted.Count},\"p50_ms\":{At(0.5):0.00},\"p99_ms\":{At(0.99):0.00},\"p999_ms\":{At(0.999):0.00},\"worst_ms\":{sorted[^1]:0.0}}}");
    }, ct);

    private static void Produce(IProducer<Null, byte[]> producer, int count, CancellationToken ct)
    {
        long begun = Stopwatch.GetTimestamp();
        for (int index = 0; index < count && !ct.IsCancellationRequested; index++)
        {
            double due = index * 1000.0 / PerSecond;
            while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds is var now && now < due)
                producer.Poll(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(due - now))));
            byte[] value = new byte[100];
            BitConverter.TryWriteBytes(value, Stopwatch.GetTimestamp());
            producer.Produce("latency", new Message<Null, byte[]> { Value = value });
        }
        producer.Flush(ct);
    }

    private static List<double> Consume(string bootstrap, int count, CancellationToken ct)
    {
        using IConsumer<Ignore, byte[]> consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "latency" }).Build();
        // Behind the one record that made the topic.
        consumer.Assign(new TopicPartitionOffset("latency", 0, 1));
        List<double> latencies = new(count);
        while (latencies.Count < count)
        {
            ConsumeResult<Ignore, byte[]> result = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"Only {latencies.Count} of {count} records came.");
            latencies.Add(Stopwatch.GetElapsedTime(BitConverter.ToInt64(result.Message.Value)).TotalMilliseconds);
            ct.ThrowIfCancellationRequested();
        }
        return latencies;
    }
}
