using Confluent.Kafka;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>librdkafka through Confluent.Kafka: what every part of Assay uses.</summary>
public sealed class ConfluentClientTests : IAsyncLifetime
{
    private KafkaBroker _broker = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions { DefaultPartitions = 3 }, ct: Ct);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Idempotent_producer_writes_in_order_and_a_group_reads_all()
    {
        using (IProducer<string, string> producer = new ProducerBuilder<string, string>(Producer()).Build())
        {
            for (int index = 0; index < 1000; index++)
                producer.Produce("numbers", new Message<string, string> { Key = $"{index % 7}", Value = $"{index}" });
            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        }

        List<ConsumeResult<string, string>> read = Read("numbers", 1000);

        Assert.Equal(Enumerable.Range(0, 1000).Select(index => $"{index}").Order(), read.Select(result => result.Message.Value).Order());
        foreach (IGrouping<string, ConsumeResult<string, string>> key in read.GroupBy(result => result.Message.Key))
            Assert.True(key.Select(result => int.Parse(result.Message.Value)).SequenceEqual(key.Select(result => int.Parse(result.Message.Value)).Order()), $"key {key.Key} is out of order");
        await Task.CompletedTask;
    }

    private List<ConsumeResult<string, string>> Read(string topic, int count, string group = "readers", IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = _broker.Bootstrap, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, IsolationLevel = isolation, EnableAutoCommit = false,
        }).Build();
        consumer.Subscribe(topic);
        List<ConsumeResult<string, string>> read = [];
        DateTimeOffset until = TimeProvider.System.GetUtcNow().AddSeconds(20);
        while (read.Count < count && TimeProvider.System.GetUtcNow() < until)
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } result)
                read.Add(result);
        consumer.Close();
        return read;
    }

    private ProducerConfig Producer() => new() { BootstrapServers = _broker.Bootstrap, Acks = Acks.All };
}
