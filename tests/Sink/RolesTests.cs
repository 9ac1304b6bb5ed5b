using Assay.Demo.Database;
using Assay.Schemas;
using Assay.Sink.Internal;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Sink.Tests;

/// <summary>Rights, on a server of one test each: roles belong to the whole server, and whether they are there is what these tests change.</summary>
public sealed class RolesTests : IAsyncLifetime
{
    private const string Password = "p";
    private readonly TemporaryFolder folder = new();
    private PostgresServer server = null!;
    private TestDatabase database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await PostgresServer.StartAsync(new PostgresOptions { DataFolder = folder.Path, ThrowAway = true }, NullLoggerFactory.Instance, Cancelled);
        database = new TestDatabase(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false }.ConnectionString, () => Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Superuser_makes_the_roles_and_the_owner_owns_everything()
    {
        await MigrateAsync(database);

        Assert.Equal(["assay_owner|t|f|f|f", "assay_reader|t|f|f|f", "assay_writer|t|f|f|f"],
            await database.RowsAsync("SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE 'assay\\_%' ORDER BY 1"));
        Assert.Equal(["assay_owner"], await OwnersAsync());
    }

    [Fact]
    public async Task Writer_alone_stores_every_kind_of_record_and_needs_no_step_to_apply()
    {
        await MigrateAsync(database);
        TestDatabase writers = await LoginAsync("w", Roles.Writer);

        await MigrateAsync(writers);
        await StoreEverythingAsync(writers);

        Assert.Equal("1|1|2|1", Assert.Single(await database.RowsAsync(
            "SELECT (SELECT count(*) FROM contract_price), (SELECT count(*) FROM api_price), (SELECT count(*) FROM accuracy), (SELECT count(*) FROM dead_letter)")));
    }

    [Fact]
    public async Task Sink_with_the_writers_login_stores_and_with_a_superusers_gives_its_rights_up()
    {
        await MigrateAsync(database);
        TestDatabase writers = await LoginAsync("w", Roles.Writer);
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await kafka.PublishAsync(Make.Quote(1));
        await using (RunningSink sink = new(writers.ConnectionString, kafka))
            await SinkTests.CountAsync(database, "api_price", 1);

        await kafka.PublishAsync(Make.Quote(2));
        await using (RunningSink sink = new(database.ConnectionString, kafka))
            await SinkTests.CountAsync(database, "api_price", 2);
        await using NpgsqlConnection connection = new(database.ConnectionString);
        await connection.OpenAsync(Cancelled);
        Assert.Equal(Roles.Writer, await Sql.AskAsync(connection, Roles.ActAsWriter, Cancelled));
        Assert.Equal(Roles.Writer, await Sql.AskAsync(connection, "SELECT current_user::text", Cancelled));
    }

    [Fact]
    public async Task Role_may_do_nothing_that_its_work_does_not_need()
    {
        await MigrateAsync(database);
        await StoreEverythingAsync(database);
        string[] changes =
        [
            "INSERT INTO schema_migration VALUES (99, 'x', NULL, 'x')", "DELETE FROM contract_price", "DELETE FROM api_price", "UPDATE api_price SET price = 1", "UPDATE dead_letter SET reason = ''",
            "DELETE FROM dead_letter", "DELETE FROM sink_offset", "TRUNCATE accuracy", "DROP TABLE accuracy", "CREATE TABLE mine ()", "CREATE INDEX ON accuracy (status)",
            "ALTER TABLE accuracy ADD mine integer", "CREATE ROLE mine", $"SET ROLE {Roles.Owner}",
        ];
        string[] writing =
        [
            "INSERT INTO api_price SELECT * FROM api_price", "INSERT INTO dead_letter SELECT * FROM dead_letter", "UPDATE accuracy SET revision = 7", "DELETE FROM accuracy",
            "UPDATE contract_price SET removed = true", "UPDATE sink_offset SET epoch = 0", "SELECT * FROM sink_offset FOR UPDATE", $"SET ROLE {Roles.Writer}",
        ];

        Assert.Empty(await AllowedAsync(await LoginAsync("w", Roles.Writer), changes));
        Assert.Empty(await AllowedAsync(await LoginAsync("r", Roles.Reader), [.. changes, .. writing]));
    }

    [Fact]
    public async Task Reader_reads_every_table_and_view_and_later_ones_too()
    {
        await MigrateAsync(database);
        await StoreEverythingAsync(database);
        await database.RunAsync($"SET ROLE {Roles.Owner}", "CREATE TABLE later (a integer)");
        TestDatabase readers = await LoginAsync("r", Roles.Reader), writers = await LoginAsync("w", Roles.Writer);

        foreach (string table in await database.RowsAsync("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')"))
            await readers.RowsAsync($"SELECT * FROM {table}");
        await writers.RunAsync("INSERT INTO later VALUES (1)");
        Assert.Equal(1, await readers.AskAsync<int>("SELECT a FROM later"));
        await Assert.ThrowsAsync<PostgresException>(() => readers.RunAsync("INSERT INTO later VALUES (2)"));
    }

    [Fact]
    public async Task Login_that_may_not_make_roles_goes_on_without_and_says_what_a_superuser_must_run()
    {
        await database.RunAsync($"CREATE ROLE plain LOGIN PASSWORD '{Password}'", "GRANT CREATE ON SCHEMA public TO plain");
        TestDatabase plain = As("plain");
        RecordingLog before = new(), after = new();

        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = plain.ConnectionString }, before, Cancelled);
        await StoreEverythingAsync(plain);
        string sentence = Assert.Single(before.Lines, line => line.Text.Contains("a superuser can mend that by: ", StringComparison.Ordinal)).Text;
        Assert.Equal(["plain"], await OwnersAsync());

        await database.RunAsync(sentence[(sentence.IndexOf("by: ", StringComparison.Ordinal) + 4)..]);
        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = plain.ConnectionString }, after, Cancelled);

        Assert.DoesNotContain(after.Lines, line => line.Text.Contains("superuser", StringComparison.Ordinal));
        Assert.Equal(["assay_owner"], await OwnersAsync());
        TestDatabase writers = await LoginAsync("w", Roles.Writer);
        await MigrateAsync(writers);
    }

    [Fact]
    public async Task Login_that_may_make_roles_but_is_no_superuser_sets_everything_up()
    {
        await database.RunAsync($"CREATE ROLE admin LOGIN CREATEROLE PASSWORD '{Password}'", $"ALTER DATABASE kafka_sink OWNER TO admin");

        await MigrateAsync(As("admin"));
        await StoreEverythingAsync(As("admin"));

        Assert.Equal(["assay_owner"], await OwnersAsync());
    }

    [Fact]
    public async Task Writer_whose_schema_is_behind_waits_until_the_owner_has_migrated()
    {
        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = database.ConnectionString }, Migration.All[^1].Number - 1, NullLogger.Instance, Cancelled);
        TestDatabase writers = await LoginAsync("w", Roles.Writer);
        await database.RunAsync($"GRANT SELECT ON schema_migration TO {Roles.Writer}");
        await using KafkaServer kafka = await KafkaServer.StartAsync();
        await kafka.PublishAsync(Make.Quote(1));

        Assert.Contains("run 'assay migrate'", (await Assert.ThrowsAsync<UserException>(() => MigrateAsync(writers))).Message);
        await using RunningSink sink = new(writers.ConnectionString, kafka);
        await Eventually.True(() => sink.Messages.Any(message => message.Contains("assay migrate", StringComparison.Ordinal)), "the sink says why it waits");
        await MigrateAsync(database);

        await SinkTests.CountAsync(database, "api_price", 1);
        Assert.Single(sink.Messages, message => message.Contains("assay migrate", StringComparison.Ordinal));
    }

    private static Task<bool> MigrateAsync(TestDatabase database) =>
        Migrations.ApplyAsync(new SinkOptions { ConnectionString = database.ConnectionString }, NullLogger.Instance, Cancelled);

    /// <summary>The statements that are not refused for want of a right.</summary>
    private static async Task<List<string>> AllowedAsync(TestDatabase login, IEnumerable<string> statements)
    {
        List<string> allowed = [];
        foreach (string statement in statements)
        {
            try
            {
                await login.RunAsync(statement);
                allowed.Add(statement);
            }
            catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // As it should be.
            }
        }
        return allowed;
    }

    /// <summary>Rows of every topic, an answer that moves among them.</summary>
    private static async Task StoreEverythingAsync(TestDatabase database)
    {
        TopicPartition[] partitions = [new(Topics.Contracts, 0), new(Topics.Apis, 0), new(Topics.Accuracy, 0), new(Topics.DeadLetters, 0)];
        object[] rows =
        [
            Make.Log(1), Make.Quote(1), Make.Window(1), Make.Answer(1, Make.Start, 0), Make.Answer(1, Make.Start.AddSeconds(9), 1),
            new DeadLetter(null, [1], "apis", "bad-price", "why", "coingecko", Make.Start),
        ];
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync(partitions, Cancelled);
        long[] offsets = new long[partitions.Length];
        // One batch each, so that the later revision finds the earlier one in the table.
        foreach (object row in rows)
        {
            int place = row switch { ContractPrice => 0, ApiPrice => 1, Accuracy => 2, _ => 3 };
            await writer.WriteAsync([new Entry(partitions[place], offsets[place]++, row, null, null)], claims, Cancelled);
        }
    }

    private Task<List<string>> OwnersAsync() =>
        database.RowsAsync("SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')");

    private async Task<TestDatabase> LoginAsync(string name, string memberOf)
    {
        await database.RunAsync($"CREATE ROLE {name} LOGIN PASSWORD '{Password}'", $"GRANT {memberOf} TO {name}");
        return As(name);
    }

    private TestDatabase As(string user) =>
        new(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = user, Password = Password }.ConnectionString, () => Task.CompletedTask);
}
