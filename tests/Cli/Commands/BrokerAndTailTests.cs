using System.Text;
using System.Text.Json;
using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.Tests.Commands;

/// <summary>tail, check and broker over TCP.</summary>
public sealed class BrokerAndTailTests : IAsyncLifetime
{
    private static readonly DateTime At = new(2023, 8, 17, 21, 45, 11, DateTimeKind.Utc);

    private KafkaBroker _broker = null!;

    private string[] Here => ["--set", $"kafka.bootstrap={_broker.Bootstrap}", "--set", $"kafka.registry={_broker.RegistryUrl}"];

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions { RegistryPort = 0 }, ct: TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Contracts_are_shown_as_json_with_plain_decimals_and_times()
    {
        await ProduceAsync(Topics.Contracts, await AvroAsync(Answer()));
        (int exitCode, IReadOnlyCollection<string> output, string error) = await TailAsync(Topics.Contracts, "--json", "--count", "1");
        Assert.True(exitCode == 0, error);
        using JsonDocument record = JsonDocument.Parse(Assert.Single(output));
        Assert.Equal("1683.12", record.RootElement.GetProperty("price").GetRawText());
        Assert.Equal("2023-08-17T21:45:11.000Z", record.RootElement.GetProperty("updated_at").GetString());
        Assert.Equal(JsonValueKind.Null, record.RootElement.GetProperty("proxy").ValueKind);
    }

    [Fact]
    public async Task Contracts_are_shown_as_a_table()
    {
        await ProduceAsync(Topics.Contracts, await AvroAsync(Answer()));
        (_, IReadOnlyCollection<string> output, _) = await TailAsync(Topics.Contracts, "--count", "1");
        Assert.Equal(
            [
                "updated_at                feed                   price                round_id  block_number  removed",
                "2023-08-17T21:45:11.000Z  eth-usd              1683.12   110680464442257314301      17930000  no",
            ],
            output);
    }

    [Fact]
    public async Task A_record_that_cannot_be_decoded_is_shown_as_such_and_the_next_one_follows()
    {
        byte[] whole = await AvroAsync(Answer());
        await ProduceAsync(Topics.Contracts, whole[..20], whole);
        (int exitCode, IReadOnlyCollection<string> output, _) = await TailAsync(Topics.Contracts, "--json", "--count", "2");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("{\"undecodable\":", output.First(), StringComparison.Ordinal);
        Assert.Contains("\"eth-usd\"", output.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accuracy_passes_through_as_it_is()
    {
        const string json = """{"id":"eth-usd/window/1","at":"2023-08-17T21:45:00.000Z","feed":"eth-usd","status":"ok","deviation_pct":0.155906}""";
        await ProduceAsync(Topics.Accuracy, Encoding.UTF8.GetBytes(json));
        (_, IReadOnlyCollection<string> output, _) = await TailAsync(Topics.Accuracy, "--json", "--count", "1");
        Assert.Equal(json, Assert.Single(output));
    }

    [Fact]
    public async Task Dead_letters_are_shown_with_their_circumstances()
    {
        DeadLetter letter = new("k"u8.ToArray(), [0xFF, 0x00], "contracts", RejectionReason.BadAnswer, "The answer is 0.", "contracts-1-5", At);
        await ProduceAsync(Topics.DeadLetters, letter.ToMessage());
        (_, IReadOnlyCollection<string> output, _) = await TailAsync(Topics.DeadLetters, "--json", "--count", "1");
        Assert.Equal(
            """{"rejected_at":"2023-08-17T21:45:11.000Z","stage":"contracts","reason":"bad-answer","detail":"The answer is 0.","origin":"contracts-1-5","key":"k","value_base64":"/wA="}""",
            Assert.Single(output));
    }

    [Fact]
    public async Task Other_topics_are_shown_as_text()
    {
        await ProduceAsync("other", "hello"u8.ToArray());
        (_, IReadOnlyCollection<string> output, _) = await TailAsync("other", "--json", "--count", "1");
        Assert.EndsWith("\"partition\":0,\"offset\":0,\"key\":null,\"value\":\"hello\"}", Assert.Single(output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_that_follows_shows_what_comes_and_stops_when_it_is_asked()
    {
        await ProduceAsync("other", "before"u8.ToArray());
        await using AssayProcess tail = AssayProcess.Start(["tail", "other", .. Here]);
        await tail.LineAsync("timestamp");
        // Where it begins is the end of the topic as the client finds it a moment after its head line.
        int sent = 0;
        await Eventually.True(
            async () =>
            {
                await ProduceAsync("other", Encoding.UTF8.GetBytes($"later-{sent++}"));
                return tail.Output.Any(line => line.Contains("later-", StringComparison.Ordinal));
            },
            "a record that came later was shown");
        Assert.DoesNotContain(tail.Output, line => line.Contains("before", StringComparison.Ordinal));
        tail.AskToStop();
        Assert.Equal(0, await tail.ExitAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_named()
    {
        (int exitCode, IReadOnlyCollection<string> output, string error) = await TailAsync("nothing");
        Assert.Equal((1, $"assay: Kafka at {_broker.Bootstrap} has no topic 'nothing'."), (exitCode, error));
        Assert.Empty(output);
    }

    [Fact]
    public async Task Check_says_line_by_line_what_works_and_fails_where_something_does_not()
    {
        string[] nowhere = ["--set", $"database.port={FreePort.Next()}", "--set", $"chains.ethereum.endpoints=http://127.0.0.1:{FreePort.Next()}"];
        using TemporaryFolder folder = new();
        string configuration = (await File.ReadAllTextAsync(Repository.File("assay.json"), TestContext.Current.CancellationToken))
            .Replace("https://api.", $"http://127.0.0.1:{FreePort.Next()}/", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["assay.json"], configuration, TestContext.Current.CancellationToken);
        (int exitCode, IReadOnlyCollection<string> output, _) = await AssayProcess.RunAsync(["check", "--config", folder["assay.json"], .. Here, .. nowhere]);
        Assert.Equal(1, exitCode);
        Assert.Equal(10, output.Count);
        Assert.Contains(output, line => line.StartsWith("✓ Kafka ", StringComparison.Ordinal));
        Assert.Contains(output, line => line.StartsWith("✓ registry ", StringComparison.Ordinal));
        Assert.Contains(output, line => line.StartsWith("✗ database ", StringComparison.Ordinal));
        Assert.Equal(3, output.Count(line => line.StartsWith("✗ feed ", StringComparison.Ordinal)));
        Assert.Equal(4, output.Count(line => line.StartsWith("✗ source ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_role_that_has_nothing_to_do_says_so_and_ends()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["assay.json"], "{}", TestContext.Current.CancellationToken);
        (int exitCode, _, string error) = await AssayProcess.RunAsync(["ingest", "apis", "--config", folder["assay.json"], .. Here]);
        Assert.Equal(1, exitCode);
        Assert.EndsWith("assay: No price API is configured, so there is nothing to ask: name some under sources.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_broker_command_serves_until_it_is_asked_to_stop()
    {
        await using AssayProcess broker = AssayProcess.Start(["broker", "--in-memory", "--port", "0", "--registry-port", "0"]);
        string bootstrap = (await broker.LineAsync("bootstrap "))["bootstrap ".Length..];
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build())
            Assert.Single(admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers);
        broker.AskToStop();
        Assert.Equal(0, await broker.ExitAsync(TimeSpan.FromSeconds(15)));
    }

    private Task<(int ExitCode, IReadOnlyCollection<string> Output, string Error)> TailAsync(string topic, params string[] options) =>
        AssayProcess.RunAsync(["tail", topic, "--from-beginning", .. options, .. Here]);

    private static ContractPrice Answer() => new()
    {
        Pair = "ETH-USD",
        Feed = "eth-usd",
        ChainId = 1,
        Aggregator = "0xE62B71cf983019BFf55bC83B48601ce8419650CC",
        RoundId = "110680464442257314301",
        Answer = "168312000000",
        Decimals = 8,
        Price = 1683.12m,
        UpdatedAt = At,
        BlockNumber = 17_930_000,
        BlockHash = "0x" + new string('a', 64),
        TransactionHash = "0x" + new string('b', 64),
        TransactionIndex = 1,
        LogIndex = 2,
        ObservedAt = At,
    };

    private async Task<byte[]> AvroAsync(ContractPrice price)
    {
        using SchemaRegistryClient registry = new(new SchemaRegistryOptions { Url = _broker.RegistryUrl! }, TimeProvider.System);
        return await new AvroSerializer<ContractPrice>(registry, Topics.Contracts).SerializeAsync(price, SerializationContext.Empty);
    }

    private Task ProduceAsync(string topic, params byte[][] values) => ProduceAsync(topic, [.. values.Select(value => new Message<byte[], byte[]> { Value = value })]);

    private async Task ProduceAsync(string topic, params Message<byte[], byte[]>[] messages)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = _broker.Bootstrap }).Build();
        foreach (Message<byte[], byte[]> message in messages)
            await producer.ProduceAsync(topic, message, TestContext.Current.CancellationToken);
    }
}
