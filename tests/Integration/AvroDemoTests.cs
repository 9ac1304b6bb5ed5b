using Assay.Avro.Registry;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Integration.Tests;

/// <summary>The demo with <c>accuracy.format</c> set.</summary>
public sealed class AvroDemoTests
{
    [Fact]
    public async Task Demo_writes_accuracy_as_avro_where_the_configuration_says_so()
    {
        using TemporaryFolder folder = new();
        // It has seen a record in the topic and one in the table by then.
        await using DemoProcess demo = await DemoProcess.StartAsync(folder["demo"], TestContext.Current.CancellationToken, "--set", "accuracy.format=avro");

        KafkaConnection kafka = new() { Bootstrap = demo.Kafka, Registry = demo.Registry };
        using IConsumer<Ignore, byte[]> consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig(kafka.Client("test"))
        {
            GroupId = "test",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Subscribe(Topics.Accuracy);
        byte[] value = consumer.Consume(TestContext.Current.CancellationToken).Message.Value;
        using SchemaRegistryClient registry = kafka.RegistryClient(TimeProvider.System);
        Assert.Equal(0, value[0]);
        Assert.Contains("/", new AccuracyReader(registry).Read(value).Id, StringComparison.Ordinal);
        Assert.Contains("-s value=avro", demo.Output, StringComparison.Ordinal);
        Assert.Equal(0, await demo.StopAsync());
    }
}
