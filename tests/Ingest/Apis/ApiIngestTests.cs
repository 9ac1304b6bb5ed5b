using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Demo.Market;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Ingest.Apis;

/// <summary>The role with all its neighbours, each behind its own TCP port: the market's APIs, the broker and its registry.</summary>
public sealed class ApiIngestTests : IAsyncLifetime
{
    private const int KafkaHealed = 2111;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(150);
    private static readonly ApiOptions Lively = new() { Refresh = TimeSpan.FromMilliseconds(100), Lag = TimeSpan.FromSeconds(1), NoisePct = 0.01, Burst = 10_000 };

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLog _log = new();
    private readonly int _brokerPort = FreePort.Next();
    private readonly int _registryPort = FreePort.Next();
    private MarketServer _market = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private KafkaConnection Connection => new() { Bootstrap = $"127.0.0.1:{_brokerPort}", Registry = new($"http://127.0.0.1:{_registryPort}/") };

    public async ValueTask InitializeAsync() =>
        _market = await MarketServer.StartAsync(
            new() { CoinGecko = Lively, Coinpaprika = Lively }, new(new()), TimeProvider.System, NullLoggerFactory.Instance, Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _market.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Topic_holds_exactly_what_the_apis_served()
    {
        await using KafkaBroker broker = await StartBrokerAsync();
        DateTime start = TimeProvider.System.GetUtcNow().UtcDateTime;
        await RunUntilAsync(() => _market.Journal.Count >= 40);

        List<ConsumeResult<byte[], byte[]>> records = Consume(Topics.Apis);
        ApiPrice[] quotes = [.. records.Select(Decode)];

        Assert.Equal(Served().Order(), quotes.Select(Line).Order());
        Assert.Equal(["cg", "cp-btc-usd", "cp-eth-usd", "cp-link-usd"], quotes.Select(quote => quote.EventType).Distinct().Order());
        foreach ((ConsumeResult<byte[], byte[]> record, ApiPrice quote) in records.Zip(quotes))
        {
            Assert.Equal(quote.Pair, Encoding.UTF8.GetString(record.Message.Key));
            Assert.Equal(quote.ObservedAt, record.Message.Timestamp.UtcDateTime);
            Assert.InRange(quote.ObservedAt, start.AddMilliseconds(-1), TimeProvider.System.GetUtcNow().UtcDateTime);
            Assert.InRange(quote.ObservedAt - quote.QuotedAt!.Value, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
        }
        Assert.All(records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)), pair => Assert.Single(pair.Select(record => record.Partition).Distinct()));
        Assert.Empty(Consume(Topics.DeadLetters));
    }

    [Fact]
    public async Task Broker_that_dies_and_comes_back_has_every_quote_once()
    {
        KafkaBroker first = await StartBrokerAsync();
        await RunUntilAsync(() => _market.Journal.Count >= 60, async () =>
        {
            await Eventually.True(() => _market.Journal.Count >= 15, "the role has asked a few times");
            await first.DisposeAsync();
            int served = _market.Journal.Count;
            await Eventually.True(() => _market.Journal.Count >= served + 15, "the role goes on asking while Kafka is away");
            first = await StartBrokerAsync();
            await Eventually.True(() => _log.Lines.Any(line => line.Id == KafkaHealed), "the role says that Kafka is back");
        });

        Assert.Equal(Served().Order(), Consume(Topics.Apis).Select(record => Line(Decode(record))).Order());
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Rejected_response_stands_in_dead_letters_as_received_with_reason_and_origin()
    {
        await using KafkaBroker broker = await StartBrokerAsync();
        const string body = """{"price":-1}""";
        await using RawServer server = new(RawServer.Response(200, body));
        SourceOptions source = Sources.Single(server.Url + "?token=s3cret") with { Every = Beat };
        await RunUntilAsync(() => server.Requests >= 2, sources: [source]);

        DeadLetter letter = DeadLetter.FromMessage(Consume(Topics.DeadLetters)[0].Message);

        Assert.Null(letter.Key);
        Assert.Equal(body, Encoding.UTF8.GetString(letter.Value!));
        Assert.Equal("apis", letter.Stage);
        Assert.Equal(RejectionReason.BadPrice, letter.Reason);
        Assert.Equal("ETH-USD: the price at /price is not positive: -1", letter.Detail);
        Assert.Equal($"single {server.Url}?token=***", letter.Origin);
        Assert.Empty(Consume(Topics.Apis));
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Quotes_and_failures_are_counted_by_source_and_reason()
    {
        await using KafkaBroker broker = await StartBrokerAsync();
        string name = Guid.NewGuid().ToString("N");
        Dictionary<string, long> counted = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Meter.Name == "Assay.Ingest")
                meters.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            Dictionary<string, object?> by = new(tags.ToArray());
            if (!Equals(by.GetValueOrDefault("source"), name))
                return;
            lock (counted)
                counted[$"{instrument.Name} {by.GetValueOrDefault("reason")}"] = counted.GetValueOrDefault($"{instrument.Name} {by.GetValueOrDefault("reason")}") + count;
        });
        listener.Start();
        await using RawServer server = new((_, stream, cancellation) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(RawServer.Response(Random.Shared.Next(2) == 0 ? 200 : 500, """{"price":1}""")), cancellation).AsTask());
        SourceOptions source = Sources.Single(server.Url) with { Name = name, Every = TimeSpan.FromMilliseconds(50) };
        await RunUntilAsync(() => { lock (counted) return counted.Count == 2; }, sources: [source]);

        Assert.Equal(["assay.ingest.failures server-error", "assay.ingest.quotes "], counted.Keys.Order());
        Assert.Equal(Consume(Topics.Apis).Count, counted["assay.ingest.quotes "]);
    }

    /// <summary>What the topic should hold, from what the market says it served.</summary>
    private IEnumerable<string> Served()
    {
        foreach (ServedResponse response in _market.Journal.Where(response => response.Status == 200))
        {
            using JsonDocument json = JsonDocument.Parse(response.Body);
            if (response.Path.StartsWith("/api/v3/", StringComparison.Ordinal))
            {
                foreach ((string coin, string pair) in new[] { ("bitcoin", "BTC-USD"), ("ethereum", "ETH-USD"), ("chainlink", "LINK-USD") })
                    yield return Line("coingecko", "cg", pair, json.RootElement.GetProperty(coin).GetProperty("usd").GetDecimal(), response.Body);
            }
            else
            {
                string symbol = json.RootElement.GetProperty("symbol").GetString()!;
                decimal price = json.RootElement.GetProperty("quotes").GetProperty("USD").GetProperty("price").GetDecimal();
                yield return Line("coinpaprika", $"cp-{symbol}-usd".ToLowerInvariant(), $"{symbol}-USD", price, response.Body);
            }
        }
    }

    private static string Line(ApiPrice quote) => Line(quote.Source, quote.EventType, quote.Pair, quote.Price, quote.Event);

    private static string Line(string source, string eventType, string pair, decimal price, string body) =>
        string.Create(CultureInfo.InvariantCulture, $"{source} {eventType} {pair} {price / 1.000000000000000000m} {body}");

    private async Task<KafkaBroker> StartBrokerAsync()
    {
        KafkaBroker broker = await KafkaBroker.StartAsync(new() { DataFolder = _folder["kafka"], Port = _brokerPort, RegistryPort = _registryPort }, ct: Cancellation);
        await TopicAdmin.EnsureAsync(Connection, new(), NullLogger.Instance, TimeProvider.System, Cancellation);
        return broker;
    }

    /// <summary>Runs the role until a condition holds; then the market falls silent, so that all it served has been read when the role is cancelled.</summary>
    private async Task RunUntilAsync(Func<bool> enough, Func<Task>? meanwhile = null, params SourceOptions[] sources)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        if (sources.Length == 0)
            sources = [Sources.CoinGecko(_market.Url, Beat), Sources.Coinpaprika(_market.Url, Beat)];
        Task run = new ApiIngest(sources, Connection, _log, TimeProvider.System).RunAsync(stop.Token);
        if (meanwhile is not null)
            await meanwhile();
        await Eventually.True(enough, "the sources were asked often enough");
        _market.ServerErrorRate = 1;
        if (_market.Journal.Count > 0)
            await Eventually.True(() => _market.Journal.Where(response => response.Status == 503).DistinctBy(response => response.Path).Count() == 4, "the silence has reached every request");
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    private List<ConsumeResult<byte[], byte[]>> Consume(string topic)
    {
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig(Connection.Client("test")) { GroupId = "none", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        consumer.Assign(Enumerable.Range(0, new TopicLayout().Partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        List<ConsumeResult<byte[], byte[]>> records = [];
        for (int ends = 0; ends < new TopicLayout().Partitions;)
        {
            ConsumeResult<byte[], byte[]> result = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"No end of {topic} within 20 s.");
            if (result.IsPartitionEOF)
                ends++;
            else
                records.Add(result);
        }
        return records;
    }

    private ApiPrice Decode(ConsumeResult<byte[], byte[]> record)
    {
        using SchemaRegistryClient registry = new(new() { Url = Connection.Registry }, TimeProvider.System);
        return new AvroDeserializer<ApiPrice>(registry).Decode(record.Message.Value);
    }
}
