using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Schemas;
using Assay.Topology.Tests.Harness;
using Confluent.Kafka;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>The role over TCP as in production, within TLS and as a user: broker, schema registry, exactly-once, restarts.</summary>
public sealed class AccuracyApplicationTests : IAsyncLifetime
{
    private const string User = "topology";
    private const string Password = "secret";

    private readonly RecordingLog _log = new();
    private readonly TestCertificates _certificates = new();
    private KafkaBroker _broker = null!;
    private SchemaRegistryClient _registry = null!;
    private IProducer<string, byte[]> _producer = null!;
    private IConsumer<string, byte[]> _consumer = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private KafkaConnection Kafka => new()
    {
        Bootstrap = _broker.Bootstrap,
        Registry = _broker.RegistryUrl!,
        Security = SecurityProtocol.SaslSsl,
        User = User,
        Password = Password,
        RegistryUser = User,
        RegistryPassword = Password,
        CertificateAuthority = _certificates.Authority,
    };

    public async ValueTask InitializeAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions
        {
            RegistryPort = 0,
            Sasl = new SaslOptions { Mechanisms = ["SCRAM-SHA-512"], Users = new Dictionary<string, string> { [User] = Password } },
            Tls = new TlsOptions(_certificates.Certificate, _certificates.Key),
        }, ct: Cancellation);
        _registry = Kafka.RegistryClient(TimeProvider.System);
        await TopicAdmin.EnsureAsync(Kafka, new TopicLayout(), _log, TimeProvider.System, Cancellation);
        _producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(Kafka.Client("test")) { Partitioner = Partitioner.Murmur2Random }).Build();
        _consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig(Kafka.Client("test"))
        {
            GroupId = "test",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        _consumer.Subscribe([Topics.Accuracy, Topics.DeadLetters]);
    }

    public async ValueTask DisposeAsync()
    {
        _consumer.Close();
        _consumer.Dispose();
        _producer.Dispose();
        _registry.Dispose();
        await _broker.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Role_judges_what_stands_in_the_topics_and_goes_on_after_a_restart()
    {
        AccuracyOptions options = Options with { Feeds = [.. Options.Feeds, new AccuracyFeed("btc-usd", "BTC-USD", 1, TimeSpan.FromHours(1), 0.5m)] };
        Send(Answer(0, 100), Quote(30, 100), Quote(71, 100));
        Send(Answer(1, 30_000, feed: "btc-usd", pair: "BTC-USD"), Quote(30, 30_000, pair: "BTC-USD"), Quote(71, 30_300, pair: "BTC-USD"), Quote(72, 1, "bitstamp"));

        await using (Running first = new(options, Kafka, _log))
        {
            Dictionary<string, ConsumeResult<string, byte[]>> seen = await Receive(3);
            Assert.Equal(("ETH-USD", 0), KeyAndRevision(seen[WindowId(60)]));
            Assert.Equal(("BTC-USD", 0), KeyAndRevision(seen[WindowId(60, "btc-usd")]));
            Assert.Equal(RejectionReason.UnknownSource, DeadLetter.FromMessage(new Message<byte[], byte[]> { Headers = seen[Topics.DeadLetters].Message.Headers }).Reason);
        }
        Send(Quote(31, 102), Answer(61, 30_000, "2", feed: "btc-usd", pair: "BTC-USD"));

        await using Running second = new(options, Kafka, _log);
        Dictionary<string, ConsumeResult<string, byte[]>> after = await Receive(2);
        Assert.Equal(("ETH-USD", 1), KeyAndRevision(after[WindowId(60)]));
        Assert.Equal(("BTC-USD", 0), KeyAndRevision(after[AnswerId("2", "btc-usd")]));
    }

    [Fact]
    public async Task Role_waits_for_a_registry_that_is_away()
    {
        Send(Answer(0, 100), Quote(30, 100), Quote(71, 100));
        int port = FreePort.Next();
        using (CancellationTokenSource stop = new())
        {
            AccuracyApplication application = new(Options, Kafka with { Registry = new Uri($"http://127.0.0.1:{port}") }, new TopicLayout(), _log, TimeProvider.System);
            Task running = application.RunAsync(stop.Token);
            await Eventually.True(() => _log.Lines.Any(line => line.Id == 501), "the role says that the registry is away", TimeSpan.FromSeconds(60));
            Assert.False(running.IsCompleted);
            await stop.CancelAsync();
            await running.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        }

        await using Running later = new(Options, Kafka, _log);
        Assert.Equal(("ETH-USD", 0), KeyAndRevision((await Receive(1))[WindowId(60)]));
    }

    private static (string Key, int Revision) KeyAndRevision(ConsumeResult<string, byte[]> result) => (result.Message.Key, AccuracyJson.Read(result.Message.Value).Revision);

    private void Send(params object[] inputs)
    {
        InputRecords records = new(_registry);
        foreach (object input in inputs)
        {
            (string topic, string key, byte[] value, long time) = records.Of(input);
            _producer.Produce(topic, new Message<string, byte[]> { Key = key, Value = value, Timestamp = new Timestamp(time, TimestampType.CreateTime) });
        }
        Assert.Equal(0, _producer.Flush(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Reads so many committed records, by id; a dead letter stands under its topic.</summary>
    private async Task<Dictionary<string, ConsumeResult<string, byte[]>>> Receive(int count)
    {
        Dictionary<string, ConsumeResult<string, byte[]>> received = [];
        await Eventually.True(() =>
        {
            while (_consumer.Consume(TimeSpan.Zero) is { } result)
                received.Add(result.Topic == Topics.Accuracy ? AccuracyJson.Read(result.Message.Value).Id : result.Topic, result);
            return received.Count >= count;
        }, $"{count} records are committed", TimeSpan.FromSeconds(60));
        Assert.Equal(count, received.Count);
        return received;
    }

    /// <summary>The role while it runs.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Running(AccuracyOptions options, KafkaConnection kafka, RecordingLog log) =>
            _running = new AccuracyApplication(options, kafka, new TopicLayout(), log, TimeProvider.System).RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(TimeSpan.FromSeconds(20));
            _stop.Dispose();
        }
    }
}
