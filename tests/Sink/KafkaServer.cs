using System.Buffers;
using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Sink.Tests;

/// <summary>A broker and registry of one test, with Assay's topics, and a producer to fill them.</summary>
internal sealed class KafkaServer : IAsyncDisposable
{
    public const int Partitions = 3;

    private KafkaBroker? broker;
    private readonly SchemaRegistryClient registry;
    private readonly IProducer<byte[], byte[]> producer;
    private readonly AvroSerializer<ContractPrice> contracts;
    private readonly AvroSerializer<ApiPrice> apis;
    private readonly AvroSerializer<AccuracyRecord> accuracy;

    private KafkaServer(KafkaBroker broker, KafkaConnection connection)
    {
        this.broker = broker;
        Connection = connection;
        registry = new SchemaRegistryClient(new SchemaRegistryOptions { Url = connection.Registry }, TimeProvider.System);
        contracts = new AvroSerializer<ContractPrice>(registry, Topics.Contracts);
        apis = new AvroSerializer<ApiPrice>(registry, Topics.Apis);
        accuracy = new AvroSerializer<AccuracyRecord>(registry, Topics.Accuracy);
        producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig(connection.Client("test")) { EnableIdempotence = true, LingerMs = 1 })
            .SetLogHandler((_, _) => { }).Build();
    }

    public KafkaConnection Connection { get; }

    /// <param name="folder">Where the broker keeps its data, so that it can be started again on them; null: in memory.</param>
    public static async Task<KafkaServer> StartAsync(string? folder = null)
    {
        KafkaBroker broker = await KafkaBroker.StartAsync(
            new BrokerOptions { DataFolder = folder, RegistryPort = 0 }, ct: TestContext.Current.CancellationToken);
        KafkaConnection connection = new() { Bootstrap = broker.Bootstrap, Registry = broker.RegistryUrl! };
        await TopicAdmin.EnsureAsync(
            connection, new TopicLayout(Partitions), NullLogger.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        return new KafkaServer(broker, connection);
    }

    /// <summary>Ends the broker and the registry.</summary>
    public async ValueTask StopAsync()
    {
        if (broker is not null)
            await broker.DisposeAsync();
        broker = null;
    }

    /// <summary>Starts them again where they were, on the data they had.</summary>
    public async Task StartAgainAsync(string folder) => broker = await KafkaBroker.StartAsync(
        new BrokerOptions
        {
            DataFolder = folder,
            Port = int.Parse(Connection.Bootstrap.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture),
            RegistryPort = Connection.Registry.Port,
        }, ct: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        producer.Dispose();
        registry.Dispose();
        await StopAsync();
    }

    public Task<TopicPartitionOffset> PublishAsync(ContractPrice log) => PublishAsync(Topics.Contracts, log.Pair, Bytes(log, contracts));

    public Task<TopicPartitionOffset> PublishAsync(ApiPrice quote) => PublishAsync(Topics.Apis, quote.Pair, Bytes(quote, apis));

    public Task<TopicPartitionOffset> PublishAsync(Accuracy record)
    {
        ArrayBufferWriter<byte> output = new();
        AccuracyJson.Write(record, output);
        return PublishAsync(Topics.Accuracy, record.Pair, output.WrittenSpan.ToArray());
    }

    public Task<TopicPartitionOffset> PublishAsync(AccuracyRecord record) => PublishAsync(Topics.Accuracy, record.Pair, Bytes(record, accuracy));

    public Task<TopicPartitionOffset> PublishAsync(DeadLetter letter) => ProduceAsync(Topics.DeadLetters, letter.ToMessage());

    public Task<TopicPartitionOffset> PublishAsync(string topic, string key, byte[]? value) =>
        ProduceAsync(topic, new Message<byte[], byte[]> { Key = System.Text.Encoding.UTF8.GetBytes(key), Value = value! });

    public Task<TopicPartitionOffset> PublishAsync(string topic, Message<byte[], byte[]> message) => ProduceAsync(topic, message);

    public byte[] Bytes(ApiPrice quote) => Bytes(quote, apis);

    private async Task<TopicPartitionOffset> ProduceAsync(string topic, Message<byte[], byte[]> message) =>
        (await producer.ProduceAsync(topic, message, TestContext.Current.CancellationToken)).TopicPartitionOffset;

    private static byte[] Bytes<T>(T record, AvroSerializer<T> serializer)
        where T : class, Avro.IAvroRecord<T> => serializer.Serialize(record, SerializationContext.Empty);
}
