using Assay.Demo.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Sink.Tests;

/// <summary>Whatever happens to the sink or its database in mid-flow: in the end each record is stored, and none twice.</summary>
public sealed class ExactlyOnceTests(DatabaseServer server)
{
    private const int Records = 3_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sink_that_is_stopped_anywhere_and_started_again_stores_each_record_once()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Task publishing = PublishAsync(kafka, new Random(seed));

        for (int life = 0; life < 12; life++)
        {
            await using RunningSink sink = new(database.ConnectionString, kafka, batchRows: 50);
            await Task.Delay(random.Next(50, 700), Cancelled);
        }
        await publishing;

        await using RunningSink last = new(database.ConnectionString, kafka);
        await AssertStoredOnceAsync(database, $"seed {seed}");
    }

    [Fact]
    public async Task Instances_that_come_and_go_share_the_partitions_and_store_each_record_once()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Task publishing = PublishAsync(kafka, new Random(seed));

        await using RunningSink steady = new(database.ConnectionString, kafka, batchRows: 100);
        for (int life = 0; life < 4; life++)
        {
            await using RunningSink second = new(database.ConnectionString, kafka, batchRows: 30);
            await Task.Delay(random.Next(300, 1_500), Cancelled);
        }
        await publishing;

        await AssertStoredOnceAsync(database, $"seed {seed}");
    }

    [Fact]
    public async Task Connections_that_the_database_ends_cost_nothing()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Task publishing = PublishAsync(kafka, new Random(seed));

        await using RunningSink sink = new(database.ConnectionString, kafka, batchRows: 20);
        for (int cut = 0; cut < 25; cut++)
        {
            await Task.Delay(random.Next(10, 150), Cancelled);
            await database.RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'assay-sink'");
        }
        await publishing;

        await AssertStoredOnceAsync(database, $"seed {seed}");
    }

    [Fact]
    public async Task Database_that_restarts_is_waited_for_and_said_once()
    {
        using TemporaryFolder folder = new();
        PostgresOptions options = new() { DataFolder = folder.Path, ThrowAway = true, Port = FreePort.Next() };
        PostgresServer own = await PostgresServer.StartAsync(options, NullLoggerFactory.Instance, Cancelled);
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = new(own.ConnectionString + ";Pooling=false", () => Task.CompletedTask);
        await using RunningSink sink = new(database.ConnectionString, kafka, batchRows: 100);
        int seed = Random.Shared.Next();
        Task publishing = PublishAsync(kafka, new Random(seed));
        await Eventually.True(async () => await database.AskAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'sink_offset'") == 1, "the sink has begun");

        await own.DisposeAsync();
        await publishing;
        await Eventually.True(() => sink.Messages.Any(message => message.Contains("waits", StringComparison.Ordinal)), "the sink says that it waits");
        own = await PostgresServer.StartAsync(options with { Port = own.Port }, NullLoggerFactory.Instance, Cancelled);

        await AssertStoredOnceAsync(database, $"seed {seed}");
        Assert.Single(sink.Messages, message => message.Contains("goes on after", StringComparison.Ordinal));
        Assert.Single(sink.Messages, message => message.Contains("waits", StringComparison.Ordinal));
        await own.DisposeAsync();
    }

    [Fact]
    public async Task Database_that_is_killed_again_and_again_loses_nothing()
    {
        using TemporaryFolder folder = new();
        PostgresOptions options = new() { DataFolder = folder.Path, ThrowAway = true, Port = FreePort.Next() };
        PostgresServer own = await PostgresServer.StartAsync(options, NullLoggerFactory.Instance, Cancelled);
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = new(own.ConnectionString + ";Pooling=false", () => Task.CompletedTask);
        await using RunningSink sink = new(database.ConnectionString, kafka, batchRows: 20);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Task publishing = PublishAsync(kafka, new Random(seed));

        for (int crash = 0; crash < 3; crash++)
        {
            await Task.Delay(random.Next(300, 900), Cancelled);
            using (System.Diagnostics.Process postmaster = System.Diagnostics.Process.GetProcessById(own.ProcessId))
                postmaster.Kill();
            await own.DisposeAsync();
            own = await PostgresServer.StartAsync(options with { Port = own.Port }, NullLoggerFactory.Instance, Cancelled);
        }
        await publishing;

        await AssertStoredOnceAsync(database, $"seed {seed}");
        await own.DisposeAsync();
    }

    [Fact]
    public async Task Database_that_is_full_is_waited_for()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Quote(1));
        await SinkTests.CountAsync(database, "api_price", 1);

        // What PostgreSQL says when a file cannot grow.
        await database.RunAsync(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON api_price FOR EACH ROW EXECUTE FUNCTION no_space()");
        await kafka.PublishAsync(Make.Quote(2));
        await Eventually.True(() => sink.Messages.Any(message => message.Contains("is full (could not extend file", StringComparison.Ordinal)), "the sink says why it waits");
        await database.RunAsync("DROP TRIGGER full_disk ON api_price");

        await SinkTests.CountAsync(database, "api_price", 2);
        await SinkTests.CountAsync(database, "dead_letter", 0);
        Assert.Single(sink.Messages, message => message.Contains("is full", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Schema_that_is_ahead_ends_the_sink_with_one_sentence()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        await database.RunAsync("INSERT INTO schema_migration (number, name, checksum) VALUES (9999, 'future', 'x')");
        Sink sink = new(new SinkOptions { ConnectionString = database.ConnectionString }, kafka.Connection, NullLoggerFactory.Instance, TimeProvider.System);

        Schemas.UserException refusal = await Assert.ThrowsAsync<Schemas.UserException>(() => sink.RunAsync(Cancelled));

        Assert.Contains("set up by a newer one", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task Database_that_is_read_only_is_waited_for()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Quote(1));
        await SinkTests.CountAsync(database, "api_price", 1);

        string name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;
        await database.RunAsync($"ALTER DATABASE {name} SET default_transaction_read_only = on");
        await database.RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'assay-sink'");
        await kafka.PublishAsync(Make.Quote(2));
        await Eventually.True(() => sink.Messages.Any(message => message.Contains("is read-only", StringComparison.Ordinal)), "the sink says why it waits");
        await database.RunAsync("SET default_transaction_read_only = off", $"ALTER DATABASE {name} RESET default_transaction_read_only");

        // The connection that failed is given up, and the next one may write.
        await SinkTests.CountAsync(database, "api_price", 2);
    }

    [Fact]
    public async Task Schema_that_is_behind_is_waited_for()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Log(1));
        await SinkTests.CountAsync(database, "contract_price", 1);

        await database.RunAsync("ALTER TABLE contract_price RENAME TO contract_price_away");
        await kafka.PublishAsync(Make.Log(2));
        await Eventually.True(() => sink.Messages.Any(message => message.Contains("does not have the schema", StringComparison.Ordinal)), "the sink says why it waits");
        await database.RunAsync("ALTER TABLE contract_price_away RENAME TO contract_price");

        await SinkTests.CountAsync(database, "contract_price", 2);
    }

    [Fact]
    public async Task Registry_that_does_not_answer_is_waited_for_and_makes_no_dead_letter()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        using RegistryRelay relay = new(kafka.Connection.Registry);
        await using TestDatabase database = await server.CreateMigratedAsync();
        await kafka.PublishAsync(Make.Log(1));
        await using RunningSink sink = new(database.ConnectionString, kafka.Connection with { Registry = relay.Address });
        await Eventually.True(() => sink.Messages.Any(message => message.Contains("waits", StringComparison.Ordinal)), "the sink says that it waits");

        relay.Open();

        await SinkTests.CountAsync(database, "contract_price", 1);
        await SinkTests.CountAsync(database, "dead_letter", 0);
    }

    [Fact]
    public async Task Kafka_that_restarts_is_waited_for()
    {
        using TemporaryFolder folder = new();
        await using KafkaServer kafka = await KafkaServer.StartAsync(folder.Path);
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Log(1));
        await SinkTests.CountAsync(database, "contract_price", 1);

        await kafka.StopAsync();
        await Eventually.True(() => sink.Messages.Any(message => message.StartsWith("Kafka at", StringComparison.Ordinal)), "the sink says that Kafka is away");
        await kafka.StartAgainAsync(folder.Path);
        await kafka.PublishAsync(Make.Log(2));

        await SinkTests.CountAsync(database, "contract_price", 2);
        Assert.Single(sink.Messages, message => message.StartsWith("Kafka at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sink_stops_in_seconds_while_kafka_is_away()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await using TestDatabase database = await server.CreateMigratedAsync();
        RunningSink sink = new(database.ConnectionString, kafka);
        await kafka.PublishAsync(Make.Log(1));
        await SinkTests.CountAsync(database, "contract_price", 1);

        await kafka.StopAsync();

        // Disposing asserts the bound.
        await sink.DisposeAsync();
    }

    [Fact]
    public async Task Sink_stops_in_seconds_while_it_waits_for_the_database()
    {
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        string nobody = $"Host=127.0.0.1;Port={FreePort.Next()};Username=a;Password=b;Database=c";

        RunningSink sink = new(nobody, kafka);
        await Eventually.True(() => sink.Messages.Any(), "the sink says that it waits");

        // Disposing asserts the bound.
        await sink.DisposeAsync();
    }

    /// <summary>Logs, quotes and revised records, in a random order of topics.</summary>
    private static async Task PublishAsync(KafkaServer kafka, Random random)
    {
        Queue<Func<Task>> logs = new(Enumerable.Range(0, Records / 3).Select<int, Func<Task>>(number => () => kafka.PublishAsync(Make.Log(number))));
        Queue<Func<Task>> quotes = new(Enumerable.Range(0, Records / 3).Select<int, Func<Task>>(number =>
            () => kafka.PublishAsync(Make.Quote(number, pair: (number % 3) switch { 0 => "ETH-USD", 1 => "BTC-USD", _ => "LINK-USD" }))));
        Queue<Func<Task>> verdicts = new(Enumerable.Range(0, Records / 3).Select<int, Func<Task>>(number =>
            () => kafka.PublishAsync(Make.Window(number / 2, revision: number % 2))));
        List<Task> sent = [];
        while (logs.Count + quotes.Count + verdicts.Count > 0)
        {
            Queue<Func<Task>> topic = random.Next(3) switch { 0 => logs, 1 => quotes, _ => verdicts };
            if (topic.TryDequeue(out Func<Task>? publish))
                sent.Add(publish());
            if (sent.Count % 50 == 0)
                await Task.Delay(20, Cancelled);
        }
        await Task.WhenAll(sent);
    }

    private static async Task AssertStoredOnceAsync(TestDatabase database, string seed)
    {
        TimeSpan bound = TimeSpan.FromSeconds(60);
        await Eventually.True(async () =>
        {
            try
            {
                return await database.AskAsync<long>("SELECT coalesce(sum(next_offset), 0)::bigint FROM sink_offset") == Records;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, $"all offsets are stored ({seed})", bound);
        Assert.True(await database.AskAsync<long>("SELECT count(*) FROM contract_price") == Records / 3, seed);
        Assert.True(await database.AskAsync<long>("SELECT count(*) FROM api_price") == Records / 3, seed);
        Assert.True(await database.AskAsync<long>("SELECT count(DISTINCT (pair, updated_at)) FROM api_price") == Records / 3, seed);
        Assert.True(await database.AskAsync<long>("SELECT count(*) FROM accuracy WHERE revision = 1") == Records / 6, seed);
        Assert.True(await database.AskAsync<long>("SELECT count(*) FROM accuracy") == Records / 6, seed);
        Assert.True(await database.AskAsync<long>("SELECT count(*) FROM dead_letter") == 0, seed);
    }
}
