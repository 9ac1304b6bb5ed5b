using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Demo.Chain;
using Assay.Ethereum;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Ingest.Tests.Contracts;

/// <summary>The role among real parts: anvil with the demo's contracts, and a broker with a registry over TCP.</summary>
public sealed class Harness : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Running> _running = [];
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Harness()
    {
    }

    public KafkaBroker Broker { get; private set; } = null!;
    public AnvilNode Anvil { get; private set; } = null!;
    public DemoChain Chain { get; private set; } = null!;
    public EthereumClient Client { get; private set; } = null!;
    public RecordingLog Log { get; } = new();
    public KafkaConnection Kafka => new() { Bootstrap = Broker.Bootstrap, Registry = Broker.RegistryUrl! };

    public static async Task<Harness> StartAsync()
    {
        Harness harness = new();
        await harness.StartBrokerAsync(0, 0);
        harness.Anvil = await AnvilNode.StartAsync(new AnvilOptions { DataFolder = harness._folder["chain"] }, NullLoggerFactory.Instance, TimeProvider.System, Cancellation);
        harness.Chain = await DemoChain.DeployAsync(harness.Anvil, NullLoggerFactory.Instance, TimeProvider.System, Cancellation);
        harness.Client = new EthereumClient(
            new EthereumClientOptions { Name = "test", ChainId = AnvilOptions.ChainId, Endpoints = [harness.Anvil.Http] }, NullLogger.Instance, TimeProvider.System);
        await TopicAdmin.EnsureAsync(harness.Kafka, new TopicLayout(), NullLogger.Instance, TimeProvider.System, Cancellation);
        return harness;
    }

    /// <summary>Ends the broker and its registry; what the returned action starts has their data and ports.</summary>
    public async Task<Func<Task>> StopBrokerAsync()
    {
        (int port, int registryPort) = (int.Parse(Broker.Bootstrap.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), Broker.RegistryUrl!.Port);
        await Broker.DisposeAsync();
        return () => StartBrokerAsync(port, registryPort);
    }

    private async Task StartBrokerAsync(int port, int registryPort) => Broker = await KafkaBroker.StartAsync(
        new BrokerOptions { DataFolder = _folder["broker"], Port = port, RegistryPort = registryPort }, ct: Cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (Running running in _running)
            await running.DisposeAsync();
        await Client.DisposeAsync();
        await Chain.DisposeAsync();
        await Anvil.DisposeAsync();
        await Broker.DisposeAsync();
        _folder.Dispose();
    }

    /// <param name="startBlocksBack">More than the tests ever mine: the first start begins with the chain.</param>
    public ChainOptions ChainOptions(bool webSocket = true, int startBlocksBack = 10_000, int maxBlockRange = 1_000) => new()
    {
        Name = "demo",
        ChainId = AnvilOptions.ChainId,
        Endpoints = webSocket ? [Anvil.WebSocket, Anvil.Http] : [Anvil.Http],
        PollEvery = TimeSpan.FromMilliseconds(100),
        StartBlocksBack = startBlocksBack,
        MaxBlockRange = maxBlockRange,
    };

    public IReadOnlyList<FeedOptions> Feeds => FeedsOf(Chain);

    public static IReadOnlyList<FeedOptions> FeedsOf(DemoChain chain) => [.. chain.Feeds.Select(feed => new FeedOptions
    {
        Name = feed.Name,
        Pair = feed.Pair,
        Chain = "demo",
        Proxy = feed.Proxy,
        Heartbeat = TimeSpan.FromMinutes(1),
        DeviationThreshold = 0.5m,
    })];

    /// <summary>Starts the role in this process.</summary>
    public Running Run(ChainOptions? chain = null, IReadOnlyList<FeedOptions>? feeds = null)
    {
        Running running = new(new ContractIngest([chain ?? ChainOptions()], feeds ?? Feeds, Kafka, Log, TimeProvider.System));
        _running.Add(running);
        return running;
    }

    /// <summary>What a read-committed reader sees of <c>contracts</c> now, in the order of each partition.</summary>
    public Task<List<ConsumeResult<string, ContractPrice>>> ReadContractsAsync()
    {
        using SchemaRegistryClient registry = new(new SchemaRegistryOptions { Url = Broker.RegistryUrl! }, TimeProvider.System);
        return Task.FromResult(Read(Topics.Contracts, new AvroDeserializer<ContractPrice>(registry)));
    }

    public List<DeadLetter> ReadDeadLetters() => [.. Read<byte[]>(Topics.DeadLetters, null).Select(record => DeadLetter.FromMessage(new Message<byte[], byte[]>
    {
        Key = System.Text.Encoding.UTF8.GetBytes(record.Message.Key),
        Value = record.Message.Value,
        Timestamp = record.Message.Timestamp,
        Headers = record.Message.Headers,
    }))];

    /// <summary>All AnswerUpdated logs of the demo's feeds that the node has now.</summary>
    public async Task<IReadOnlyList<LogEntry>> LogsAsync() =>
        await Client.GetLogsAsync(new LogFilter([], AnswerUpdated.Topic), 0, await Client.GetBlockNumberAsync(Cancellation), Cancellation);

    /// <summary>Waits until the topic tells of exactly the logs of the chain, then asserts that each is there once.</summary>
    public async Task AssertEachLogOnceAsync(TimeSpan? within = null)
    {
        HashSet<string> expected = [.. (await LogsAsync()).Select(log => $"{log.BlockHash}/{log.LogIndex}")];
        await Eventually.True(async () => expected.IsSubsetOf((await ReadContractsAsync()).Select(Name)), "all logs of the chain are in the topic", within);
        string[] written = [.. (await ReadContractsAsync()).Select(Name)];
        Assert.Equal(written.Distinct(), written);
        Assert.Empty(written.Except(expected));
    }

    private static string Name(ConsumeResult<string, ContractPrice> record) => $"{record.Message.Value.BlockHash}/{record.Message.Value.LogIndex}";

    private List<ConsumeResult<string, T>> Read<T>(string topic, IDeserializer<T>? deserializer)
    {
        ConsumerBuilder<string, T> builder = new(new ConsumerConfig(Kafka.Client("test"))
        {
            GroupId = "test",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            FetchWaitMaxMs = 10,
        });
        if (deserializer is not null)
            builder.SetValueDeserializer(deserializer);
        using IConsumer<string, T> consumer = builder.Build();
        int partitions = new TopicLayout().Partitions;
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        List<ConsumeResult<string, T>> records = [];
        HashSet<Partition> ended = [];
        while (ended.Count < partitions)
        {
            ConsumeResult<string, T>? result = consumer.Consume(TimeSpan.FromSeconds(10));
            Assert.NotNull(result);
            if (result.IsPartitionEOF)
                ended.Add(result.Partition);
            else
                records.Add(result);
        }
        consumer.Close();
        return records;
    }

    /// <summary>The role while it runs.</summary>
    public sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public Running(ContractIngest ingest) => Ended = Task.Run(() => ingest.RunAsync(_stopping.Token));

        public Task Ended { get; }

        public async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await Ended.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(20));
        }

        public async ValueTask DisposeAsync() => await StopAsync();
    }
}
