using System.Text;
using Assay.Schemas;
using Confluent.Kafka;
using Npgsql;

namespace Assay.Sink.Tests;

public sealed class SinkTests(DatabaseServer server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_of_every_topic_reach_their_tables()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await kafka.PublishAsync(Make.Log(1));
        await kafka.PublishAsync(Make.Quote(1));
        await kafka.PublishAsync(Make.Window(1));
        await kafka.PublishAsync(new DeadLetter([1], [2], "apis", "bad-response", "It is no JSON.", "coingecko", Make.Start));

        await using RunningSink sink = new(database.ConnectionString, kafka);

        await CountAsync(database, "contract_price", 1);
        await CountAsync(database, "api_price", 1);
        await CountAsync(database, "accuracy", 1);
        await CountAsync(database, "dead_letter", 1);
        Assert.Equal(4, await database.AskAsync<long>("SELECT sum(next_offset)::bigint FROM sink_offset"));
    }

    [Fact]
    public async Task Accuracy_in_avro_is_stored_as_the_same_record_in_json_is()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        foreach (AccuracyStatus status in new[] { AccuracyStatus.Stale, AccuracyStatus.Retracted })
        {
            Accuracy record = Make.Window(1, status: status) with { Id = $"json {status}" };
            await kafka.PublishAsync(record);
            await kafka.PublishAsync(AccuracyAvro.ToAvro(record with { Id = $"avro {status}" }));
        }

        await using RunningSink sink = new(database.ConnectionString, kafka);

        await CountAsync(database, "accuracy", 4);
        Assert.Equal(2, await database.AskAsync<long>("SELECT count(*) FROM (SELECT DISTINCT (jsonb_populate_record(accuracy, '{\"id\":\"\"}')).* FROM accuracy) AS said"));
    }

    [Fact]
    public async Task Queries_of_the_original_demo_answer_rightly()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        // As an API source does: one record per pair, each with the whole response.
        foreach (int number in Enumerable.Range(0, 5))
        {
            string response = $$$"""{"bitcoin":{"usd":28000},"chainlink":{"usd":6.1},"ethereum":{"usd":{{{1680 + number}}}.25}}""";
            foreach (string pair in new[] { "BTC-USD", "ETH-USD", "LINK-USD" })
                await kafka.PublishAsync(Make.Quote(number, pair, response));
            await kafka.PublishAsync(Make.Quote(number, "ETH-USD", $$$"""{"quotes":{"USD":{"price":{{{number}}} } } }""", "cp-eth-usd"));
            await kafka.PublishAsync(Make.Log(number));
        }
        await CountAsync(database, "api_price", 20);
        await CountAsync(database, "contract_price", 5);

        const string price = "SELECT (event -> 'ethereum' ->> 'usd')::numeric as price FROM api_price WHERE event ->> 'event_type' = 'cg' order by updated_at desc";
        Assert.Equal("1684.25", Assert.Single(await database.RowsAsync(price + " limit 1")));
        Assert.DoesNotContain("∅", await database.RowsAsync(price));
        Assert.Equal(20, (await database.RowsAsync("SELECT * FROM api_price;")).Count);
        Assert.Equal(5, (await database.RowsAsync("SELECT * FROM contract_price;")).Count);
        Assert.All(await database.RowsAsync("SELECT * FROM contract_price;"), row => Assert.StartsWith("{\"args\": {", row));
    }

    [Fact]
    public async Task Log_taken_back_is_marked_and_put_back_when_it_comes_again()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Log(1));
        await kafka.PublishAsync(Make.Log(2));
        await CountAsync(database, "contract_price", 2);

        await kafka.PublishAsync(Make.Log(2, removed: true));
        await kafka.PublishAsync(Make.Log(2, blockHash: $"0x{77:x64}"));

        await CountAsync(database, "contract_price", 3);
        await CountAsync(database, "contract_price WHERE removed", 1);
        await kafka.PublishAsync(Make.Log(2) with { ObservedAt = Make.Log(2).ObservedAt.AddSeconds(1) });
        await CountAsync(database, "contract_price WHERE removed", 0);
        await CountAsync(database, "contract_price", 3);
    }

    [Fact]
    public async Task Undecodable_records_go_alone_to_the_dead_letters()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await kafka.PublishAsync(Make.Log(1));
        TopicPartitionOffset noAvro = await kafka.PublishAsync(Topics.Contracts, "ETH-USD", Encoding.UTF8.GetBytes("no avro"));
        TopicPartitionOffset noSchema = await kafka.PublishAsync(Topics.Apis, "ETH-USD", [0, 0, 0, 255, 255, 1, 2, 3]);
        TopicPartitionOffset noValue = await kafka.PublishAsync(Topics.Apis, "ETH-USD", null);
        TopicPartitionOffset noJson = await kafka.PublishAsync(Topics.Accuracy, "ETH-USD", Encoding.UTF8.GetBytes("{\"id\":7}"));
        await kafka.PublishAsync(Make.Log(2));

        await using RunningSink sink = new(database.ConnectionString, kafka);

        await CountAsync(database, "contract_price", 2);
        await CountAsync(database, "dead_letter", 4);
        Assert.Equal(
            new[] { noAvro, noSchema, noValue, noJson }.Select(place => $"{place.Topic}-{place.Partition.Value}-{place.Offset.Value}|sink|undecodable").Order(StringComparer.Ordinal),
            await database.RowsAsync("SELECT id, stage, reason FROM dead_letter ORDER BY id"));
        Assert.Equal("no avro", Encoding.UTF8.GetString(await database.AskAsync<byte[]>("SELECT value FROM dead_letter WHERE origin LIKE 'contracts-%'")));
    }

    [Fact]
    public async Task Row_that_the_database_refuses_goes_alone_to_the_dead_letters()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number => number % 400 == 123
            ? kafka.PublishAsync(Make.Quote(number, @event: "{\"name\":\"\\u0000\"}"))
            : kafka.PublishAsync(Make.Quote(number))));

        await using RunningSink sink = new(database.ConnectionString, kafka);

        await CountAsync(database, "api_price", 997);
        await CountAsync(database, "dead_letter WHERE reason = 'refused-row' AND detail LIKE '%unsupported Unicode%' AND value IS NOT NULL", 3);
    }

    [Fact]
    public async Task Record_that_is_sent_again_is_stored_if_the_sink_had_rejected_it_and_its_letter_is_marked()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await kafka.PublishAsync(Make.Quote(1));
        DeadLetter letter = new([1], kafka.Bytes(Make.Quote(2)), "topology", RejectionReason.UnknownPair, "why", "apis-0-7", Make.Start);
        await kafka.PublishAsync(letter);
        foreach (string[] stages in new string[][] { ["topology"], ["topology", "sink"] })
        {
            await kafka.PublishAsync(Topics.Apis, Resend.Again(letter, stages));
            await kafka.PublishAsync(Topics.DeadLetters, Resend.Mark(letter, stages, Make.Start));
        }

        await using RunningSink sink = new(database.ConnectionString, kafka);

        await CountAsync(database, "dead_letter_resent", 2);
        await Eventually.True(async () => await database.AskAsync<long>("SELECT sum(next_offset)::bigint FROM sink_offset WHERE topic = 'apis'") == 3, "all quotes are read");
        Assert.Equal(2, await database.AskAsync<long>("SELECT count(*) FROM api_price"));
        Assert.Equal(["apis-0-7|sink|2023-08-17 21:45:00+00", "apis-0-7|topology|2023-08-17 21:45:00+00"], await database.RowsAsync("SELECT * FROM dead_letter_resent ORDER BY stage"));
        Assert.Equal(1, await database.AskAsync<long>("SELECT count(*) FROM dead_letter"));
    }

    [Fact]
    public async Task Unknown_offsets_of_a_topic_created_anew_are_said_and_read_from_the_start()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        TopicPartitionOffset place = await kafka.PublishAsync(Make.Quote(1));
        await database.RunAsync($"INSERT INTO sink_offset VALUES ('apis', {place.Partition.Value}, 5000, 1, 'before')");

        await using RunningSink sink = new(database.ConnectionString, kafka);

        await CountAsync(database, "api_price", 1);
        Assert.Single(sink.Messages, message => message.Contains("created anew", StringComparison.Ordinal));
        Assert.Equal(1, await database.AskAsync<long>($"SELECT next_offset FROM sink_offset WHERE topic = 'apis' AND partition = {place.Partition.Value}"));
    }

    [Fact]
    public async Task Fenced_instance_joins_again_and_goes_on()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Quote(1));
        await CountAsync(database, "api_price", 1);

        await database.RunAsync("UPDATE sink_offset SET epoch = epoch + 1, owner = 'somebody'");
        await kafka.PublishAsync(Make.Quote(2));

        await CountAsync(database, "api_price", 2);
        Assert.Single(sink.Messages, message => message.Contains("Another instance", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_password_is_one_sentence_without_it()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateAsync();
        SinkOptions options = new() { ConnectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = "hunter2" }.ConnectionString };
        Sink sink = new(options, kafka.Connection, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TimeProvider.System);

        UserException refusal = await Assert.ThrowsAsync<UserException>(() => sink.RunAsync(Cancelled));

        Assert.Contains("DB_PASSWORD", refusal.Message);
        Assert.DoesNotContain("hunter2", refusal.Message + options);
    }

    internal static Task CountAsync(TestDatabase database, string what, long expected) => Eventually.True(async () =>
    {
        try
        {
            return await database.AskAsync<long>($"SELECT count(*) FROM {what}") == expected;
        }
        catch (NpgsqlException)
        {
            // Before the migrations, or while a test has the database down.
            return false;
        }
    }, $"{what} has {expected} rows");
}
