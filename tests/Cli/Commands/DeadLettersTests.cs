using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Assay.Broker;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Cli.Tests.Commands;

/// <summary>dead-letters over TCP.</summary>
public sealed class DeadLettersTests : IAsyncLifetime
{
    private static readonly DateTime At = new(2023, 8, 17, 21, 45, 11, DateTimeKind.Utc);
    private KafkaBroker _broker = null!;
    private KafkaConnection _connection = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string[] Here => ["--set", $"kafka.bootstrap={_broker.Bootstrap}", "--set", $"kafka.registry={_broker.RegistryUrl}"];

    public async ValueTask InitializeAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { RegistryPort = 0 }, ct: Cancelled);
        _connection = new KafkaConnection { Bootstrap = _broker.Bootstrap, Registry = _broker.RegistryUrl! };
        await TopicAdmin.EnsureAsync(_connection, new TopicLayout(), NullLogger.Instance, TimeProvider.System, Cancelled);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task List_prints_json_lines_in_a_pipe_in_the_order_of_rejection()
    {
        await RejectAsync(Letter("topology", "apis-1-5", 2), Letter("sink", "contracts-0-9", 1, RejectionReason.RefusedRow), Letter("apis", "coingecko https://api", 3));

        IReadOnlyList<JsonElement> letters = await ListAsync();

        Assert.Equal(["contracts-0-9 open", "apis-1-5 open", "coingecko https://api -"], letters.Select(letter => $"{Text(letter, "origin")} {Text(letter, "state")}"));
        Assert.Equal("value of apis-1-5", Text(letters[1], "value"));
        Assert.StartsWith("dead-letters-", Text(letters[1], "place"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--reason", "refused-row")]
    [InlineData(1, "--topic", "contracts")]
    [InlineData(2, "--since", "2023-08-17T21:45:13Z")]
    [InlineData(1, "--reason", "refused-row", "--since", "2023-08-17T21:45:13Z")]
    public async Task Filters_leave_what_fits_all_of_them(int expected, params string[] filters)
    {
        await RejectAsync(
            Letter("sink", "contracts-0-9", 1, RejectionReason.RefusedRow), Letter("sink", "apis-0-9", 2, RejectionReason.RefusedRow), Letter("topology", "apis-1-5", 3));

        Assert.Equal(expected, (await ListAsync(filters)).Count);
    }

    [Fact]
    public async Task Resend_sends_each_record_once_for_all_that_rejected_it_and_never_again()
    {
        // The same record twice by a sink that crashed in between, and by the topology; one that holds no record; one that is not meant.
        await RejectAsync(
            Letter("sink", "apis-1-5", 1), Letter("sink", "apis-1-5", 2), Letter("topology", "apis-1-5", 3), Letter("apis", "coingecko https://api", 4),
            Letter("topology", "contracts-2-7", 5), Letter("topology", "contracts-2-8", 6, RejectionReason.BadPrice));

        (int exitCode, IReadOnlyCollection<string> output, string error) = await RunAsync("resend", "--reason", RejectionReason.UnknownPair);
        Assert.True(exitCode == 0, error);
        Assert.Equal(["2 records sent again: 1 to apis, 1 to contracts."], output);
        Assert.Equal(["There is no record to send again."], (await RunAsync("resend", "--reason", RejectionReason.UnknownPair)).Output);

        ConsumeResult<byte[], byte[]> quote = Assert.Single(Read(Topics.Apis)), answer = Assert.Single(Read(Topics.Contracts));
        Assert.Equal((1, "value of apis-1-5", "ETH-USD"), (quote.Partition.Value, Encoding.UTF8.GetString(quote.Message.Value), Encoding.UTF8.GetString(quote.Message.Key)));
        Assert.Equal(["sink", "topology"], Resend.Stages(quote.Message.Headers));
        Assert.Equal(["topology"], Resend.Stages(answer.Message.Headers));
        Assert.Equal(
            ["apis-1-5 resent", "apis-1-5 resent", "apis-1-5 resent", "coingecko https://api -", "contracts-2-7 resent", "contracts-2-8 open"],
            (await ListAsync()).Select(letter => $"{Text(letter, "origin")} {Text(letter, "state")}"));
    }

    [Fact]
    public async Task Resend_that_is_killed_at_any_moment_leaves_no_record_out_and_sends_none_twice()
    {
        const int records = 4_000;
        await RejectAsync([.. Enumerable.Range(0, records).Select(number => Letter("topology", string.Create(CultureInfo.InvariantCulture, $"apis-{number % 3}-{number}"), 0))]);
        int seed = Random.Shared.Next();
        Random random = new(seed);

        // From before the first transaction to after the last, however fast this machine is.
        Stopwatch whole = Stopwatch.StartNew();
        int before = 0;
        for (int life = 0; life < 6 && before < records; life++)
        {
            await using AssayProcess resend = AssayProcess.Start(["dead-letters", "resend", .. Here]);
            await Eventually.True(() => resend.HasExited || Read(Topics.Apis).Count > before + random.Next(records / 4), $"some are sent (seed {seed})", TimeSpan.FromSeconds(60));
            // Disposing kills it.
            await resend.DisposeAsync();
            before = Read(Topics.Apis).Count;
        }
        (int exitCode, _, string error) = await RunAsync("resend");

        Assert.True(exitCode == 0, $"{error} (seed {seed}, {whole.Elapsed.TotalSeconds:0} s)");
        List<string> sent = [.. Read(Topics.Apis).Select(record => Encoding.UTF8.GetString(record.Message.Value))];
        Assert.True(sent.Count == records && sent.Distinct().Count() == records, $"{sent.Count} sent, {sent.Distinct().Count()} of them different (seed {seed})");
    }

    [Fact]
    public async Task Resend_without_kafka_is_one_sentence()
    {
        (int exitCode, _, string error) = await AssayProcess.RunAsync(["dead-letters", "resend", "--set", $"kafka.bootstrap=127.0.0.1:{FreePort.Next()}"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("does not answer", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    private static DeadLetter Letter(string stage, string origin, int seconds, string reason = RejectionReason.UnknownPair) =>
        new("ETH-USD"u8.ToArray(), Encoding.UTF8.GetBytes($"value of {origin}"), stage, reason, "Why.", origin, At.AddSeconds(seconds));

    private static string Text(JsonElement letter, string field) => letter.GetProperty(field).GetString()!;

    private async Task RejectAsync(params DeadLetter[] letters)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig(_connection.Client("test"))).Build();
        await Task.WhenAll(letters.Select((letter, number) => producer.ProduceAsync(new TopicPartition(Topics.DeadLetters, number % 3), letter.ToMessage(), Cancelled)));
    }

    private Task<(int ExitCode, IReadOnlyCollection<string> Output, string Error)> RunAsync(params string[] arguments) => AssayProcess.RunAsync(["dead-letters", .. arguments, .. Here]);

    private async Task<IReadOnlyList<JsonElement>> ListAsync(params string[] filters)
    {
        (int exitCode, IReadOnlyCollection<string> output, string error) = await RunAsync([.. filters]);
        Assert.True(exitCode == 0, error);
        return [.. output.Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>All that is committed.</summary>
    private List<ConsumeResult<byte[], byte[]>> Read(string topic)
    {
        ConsumerConfig config = new(_connection.Client("test")) { GroupId = "test", IsolationLevel = IsolationLevel.ReadCommitted, EnablePartitionEof = true, EnableAutoCommit = false, FetchWaitMaxMs = 10 };
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        List<ConsumeResult<byte[], byte[]>> records = [];
        for (int ends = 0; ends < 3;)
        {
            ConsumeResult<byte[], byte[]> record = consumer.Consume(Cancelled);
            if (record.IsPartitionEOF)
                ends++;
            else
                records.Add(record);
        }
        return records;
    }
}
