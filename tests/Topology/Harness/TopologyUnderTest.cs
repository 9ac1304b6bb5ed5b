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

    public TopologyUnderTest(AccuracyOptions options, MemoryRegistry registry)
    {
        Inputs = new InputRecords(registry);
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

    public InputRecords Inputs { get; }

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
            (string topic, string key, byte[] value, long time) = Inputs.Of(input);
            (topic == Topics.Apis ? _apis : _contracts).PipeInput(Encoding.UTF8.GetBytes(key), value, time);
        }
        return this;
    }

    public void TakeRaw(string topic, byte[]? value, long timestamp, Headers? headers = null) => (topic == Topics.Apis ? _apis : _contracts).PipeRaw("key"u8.ToArray(), value, timestamp, headers);

    public void Restart() => _driver.Restart();

    public void Dispose() => _driver.Dispose();
}
