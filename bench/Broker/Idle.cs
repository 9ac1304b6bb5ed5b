using Confluent.Kafka;

namespace Assay.Broker.Bench;

/// <summary>Consumers with librdkafka's defaults that wait for records which never come.</summary>
internal static class Idle
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    public static Task RunAsync(string kafkaHome, int runs, int seconds, int count, CancellationToken ct) => BrokerUnderTest.InTurnsAsync(kafkaHome, runs, async broker =>
    {
        using (IProducer<Null, Null> producer = new ProducerBuilder<Null, Null>(new ProducerConfig { BootstrapServers = broker.Bootstrap }).Build())
            await producer.ProduceAsync("idle", new Message<Null, Null>(), ct);
        IConsumer<Ignore, Ignore>[] consumers = [.. Enumerable.Range(0, count).Select(index => new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = broker.Bootstrap, GroupId = $"idle-{index}",
        }).Build())];
        try
        {
            foreach (IConsumer<Ignore, Ignore> consumer in consumers)
                consumer.Subscribe("idle");
            while (consumers.Any(consumer => consumer.Assignment.Count == 0))
                foreach (IConsumer<Ignore, Ignore> consumer in consumers)
                    consumer.Consume(TimeSpan.FromMilliseconds(1));
            await Task.Delay(Settling, ct);
            TimeSpan before = broker.ProcessorTime;
            await Task.Delay(TimeSpan.FromSeconds(seconds), ct);
            double percent = (broker.ProcessorTime - before).TotalSeconds / seconds * 100;
            Console.WriteLine($"{{\"broker\":\"{broker.Name}\",\"consumers\":{count},\"core_percent\":{percent:0.00},\"rss_mb\":{broker.Resident}}}");
        }
        finally
        {
            foreach (IConsumer<Ignore, Ignore> consumer in consumers)
                consumer.Dispose();
        }
    }, ct);
}
