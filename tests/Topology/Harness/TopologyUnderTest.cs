using System.Text;
using Assay.Schemas;
using Assay.Streams;
using Assay.Streams.Testing;
using Confluent.Kafka;

namespace Assay.Topology.Tests.Harness;

/// <summary>The whole topology on the engine's test driver: whole Avro records go in as ingest writes them, JSON comes out.</summary>
internal sealed class TopologyUnderTest : IDisposable
{
    private readonly TopologyTestDriver _driver;
    private readonly TestInputTopic<byte[], byte[]> _contracts;
    private readonly TestInputTopic<byte[], byte[]> _apis;
    private readonly AvroSerializer<ContractPrice> _contractSerializer;
    private readonly AvroSerializer<ApiPrice> _apiSerializer;

    public TopologyUnderTest(AccuracyOptions options, MemoryRegistry registry)
    {
        _contractSerializer = new AvroSerializer<ContractPrice>(registry, Topics.Contracts);
        _apiSerializer = new AvroSerializer<ApiPrice>(registry, Topics.Apis);
        IExceptionHandler deadLetters = AccuracyTopology.DeadLetters(TimeProvider.System);
        StreamsOptions streams = new()
        {
            ApplicationId = AccuracyTopology.ApplicationId,
            Client = new ClientConfig(),
            DeserializationExceptionHandler = deadLetters,
            ProcessingExceptionHandler = deadLetters,
        };
        _driver = new TopologyTestDriver(AccuracyTopology.Build(options, registry), streams, DateTimeOffset.FromUnixTimeMilliseconds(Given.At(86_400)));
        _contracts = _driver.CreateInputTopic(Topics.Contracts, Serdes.ByteArray, Serdes.ByteArray);
        _apis = _driver.CreateInputTopic(Topics.Apis, Serdes.ByteArray, Serdes.ByteArray);
        Accuracy = _driver.CreateOutputTopic(Topics.Accuracy, Serdes.String, Serdes.ByteArray);
        DeadLetters = _driver.CreateOutputTopic(Topics.DeadLetters, Serdes.ByteArray, Serdes.ByteArray);
    }

    public TestOutputTopic<string, byte[]> Accuracy { get; }

    public TestOutputTopic<byte[], byte[]> DeadLetters { get; }

    /// <summary>All that has been emitted and not read yet.</summary>
    public List<Accuracy> Records() => [.. Accuracy.ReadRecordsToList().Select(record => AccuracyJson.Read(record.Value))];

    public DeadLetter DeadLetter()
    {
        Record<byte[], byte[]> record = DeadLetters.ReadRecord();
        return Schemas.DeadLetter.FromMessage(new Message<byte[], byte[]>
        {
            Key = record.Key,
            Value = record.Value,
            Timestamp = new Timestamp(record.Timestamp, TimestampType.CreateTime),
            Headers = record.Headers,
        });
    }

    public TopologyUnderTest Take(params object[] inputs)
    {
        foreach (object input in inputs)
        {
            if (input is Quote quote)
                _apis.PipeInput(Encoding.UTF8.GetBytes(quote.Pair), Bytes(quote), quote.ObservedAt);
            else if (input is ContractAnswer answer)
                _contracts.PipeInput(Encoding.UTF8.GetBytes(answer.Pair), Bytes(answer), answer.UpdatedAt);
        }
        return this;
    }

    public void TakeRaw(string topic, byte[]? value, long timestamp) => (topic == Topics.Apis ? _apis : _contracts).PipeRaw("key"u8.ToArray(), value, timestamp);

    public byte[] Bytes(Quote quote) => _apiSerializer.Serialize(new ApiPrice
    {
        Pair = quote.Pair,
        Source = quote.Source,
        EventType = "cg",
        Price = quote.Price,
        QuotedAt = quote.QuotedAt is { } quotedAt ? Utc(quotedAt) : null,
        ObservedAt = Utc(quote.ObservedAt),
        Event = """{"ethereum":{"usd":1680.1}}""",
    }, SerializationContext.Empty);

    public byte[] Bytes(ContractAnswer answer) => _contractSerializer.Serialize(new ContractPrice
    {
        Pair = answer.Pair,
        Feed = answer.Feed,
        ChainId = answer.ChainId,
        Proxy = "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419",
        Aggregator = "0x37bC7498f4FF12C19678ee8fE19d540b87F6a9e6",
        RoundId = answer.RoundId,
        Answer = "1",
        Decimals = 8,
        Price = answer.Price,
        UpdatedAt = Utc(answer.UpdatedAt),
        BlockNumber = answer.BlockNumber,
        BlockHash = answer.BlockHash,
        TransactionHash = "0x00",
        TransactionIndex = 0,
        LogIndex = answer.LogIndex,
        Removed = answer.Removed,
        ObservedAt = Utc(answer.ObservedAt),
    }, SerializationContext.Empty);

    public void Restart() => _driver.Restart();

    public void Dispose() => _driver.Dispose();

    private static DateTime Utc(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
}
