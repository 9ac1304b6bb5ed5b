using Assay.Schemas;
using Assay.Sink.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Sink.Tests;

public sealed class MigrationsTests(DatabaseServer server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly string[] Tables = ["accuracy", "accuracy_hourly", "api_price", "contract_price", "dead_letter", "dead_letter_resent", "schema_migration", "sink_offset"];

    [Fact]
    public async Task Empty_database_gets_every_table()
    {
        await using TestDatabase database = await server.CreateAsync();

        await ApplyAsync(database);

        Assert.Equal(Tables, await TablesAsync(database));
    }

    [Fact]
    public async Task Second_run_changes_nothing()
    {
        await using TestDatabase database = await server.CreateAsync();
        await ApplyAsync(database);
        List<string> steps = await StepsAsync(database);

        await ApplyAsync(database);

        Assert.Equal(steps, await StepsAsync(database));
    }

    [Fact]
    public async Task Several_instances_at_once_apply_each_step_once()
    {
        await using TestDatabase database = await server.CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ApplyAsync(database)));

        Assert.Equal(Tables, await TablesAsync(database));
        Assert.Equal(Migration.All[^1].Number, (await StepsAsync(database)).Count);
    }

    [Fact]
    public async Task Interrupted_run_goes_on_where_it_stopped()
    {
        await using TestDatabase database = await server.CreateAsync();
        // The second step finds its name taken, so its transaction fails; the first stays.
        await database.RunAsync("CREATE TABLE accuracy_hourly ()");
        await Assert.ThrowsAnyAsync<Npgsql.PostgresException>(() => ApplyAsync(database));
        Assert.Single(await StepsAsync(database));
        await database.RunAsync("DROP TABLE accuracy_hourly");

        await ApplyAsync(database);

        Assert.Equal(Migration.All[^1].Number, (await StepsAsync(database)).Count);
    }

    [Theory]
    [MemberData(nameof(EarlierVersions))]
    public async Task Earlier_version_with_rows_becomes_what_an_empty_database_becomes_and_keeps_them(int version)
    {
        await using TestDatabase fresh = await server.CreateMigratedAsync();
        await using TestDatabase database = await server.CreateAsync();
        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = database.ConnectionString }, version, NullLogger.Instance, Cancelled);
        Assert.Equal(version, (await StepsAsync(database)).Count);
        await database.RunAsync(
            "INSERT INTO contract_price VALUES ('{}', now(), 'A-B', 'a-b', 1, NULL, '0x', 1, 1, 8, 1, 1, '0x', '0x', 1, 1, false, now())",
            "INSERT INTO api_price VALUES ('{}', now(), 'A-B', 's', 'cg', 1, NULL, 0, 7)",
            "INSERT INTO accuracy (at, id, pair, feed, chain_id, trigger, revision, status) VALUES (now(), 'i', 'A-B', 'a-b', 1, 'window', 3, 'ok')",
            "INSERT INTO dead_letter VALUES ('apis-0-1', now(), 'sink', 'undecodable', 'd', 'apis-0-1', NULL, NULL)",
            "INSERT INTO sink_offset VALUES ('apis', 0, 8, 2, 'o')");
        List<string> rows = await RowsAsync(database);

        await Task.WhenAll(ApplyAsync(database), ApplyAsync(database));

        Assert.Equal(rows, await RowsAsync(database));
        Assert.Equal(await SchemaAsync(fresh), await SchemaAsync(database));
    }

    /// <summary>The first two steps came together, so nobody had rows between them; TimescaleDB would refuse to make hypertables of such tables.</summary>
    public static TheoryData<int> EarlierVersions => [.. Enumerable.Range(2, Migration.All[^1].Number - 2)];

    [Fact]
    public async Task Schema_of_a_newer_program_is_refused_with_a_sentence()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await database.RunAsync("INSERT INTO schema_migration (number, name, checksum) VALUES (9999, 'future', 'x')");

        UserException refusal = await Assert.ThrowsAsync<UserException>(() => ApplyAsync(database));

        Assert.Contains("9999_future", refusal.Message);
        Assert.Contains("newer", refusal.Message);
    }

    [Fact]
    public async Task Step_that_was_edited_after_it_had_been_applied_is_refused()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await database.RunAsync("UPDATE schema_migration SET checksum = 'other' WHERE number = 1");

        Assert.Contains("0001_tables", (await Assert.ThrowsAsync<UserException>(() => ApplyAsync(database))).Message);
    }

    [Fact]
    public async Task Hourly_view_sums_up_each_feed_without_what_was_retracted()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await database.RunAsync(
            """
            INSERT INTO accuracy (at, id, pair, feed, chain_id, trigger, revision, status, deviation_pct) VALUES
              ('2023-08-17 21:01Z', 'a', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'ok', 0.1),
              ('2023-08-17 21:02Z', 'b', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'deviating', -0.9),
              ('2023-08-17 21:03Z', 'c', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'stale', 0.2),
              ('2023-08-17 21:04Z', 'd', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'ok', 0.0),
              ('2023-08-17 21:05Z', 'e', 'ETH-USD', 'eth-usd', 1, 'window', 1, 'retracted', NULL),
              ('2023-08-17 22:00Z', 'f', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'ok', 0.3)
            """);

        Assert.Equal(
            ["2023-08-17 21:00:00+00|eth-usd|4|0.9|0.30|0.25|0.25", "2023-08-17 22:00:00+00|eth-usd|1|0.3|0.30|0.00|0.00"],
            await database.RowsAsync(
                "SELECT hour, feed, records, worst_pct, round(mean_pct, 2), round(deviating_share, 2), round(stale_share, 2) FROM accuracy_hourly ORDER BY hour"));
    }

    [Fact]
    public async Task Tables_are_hypertables_just_where_the_program_says_so()
    {
        await using TestDatabase database = await server.CreateAsync();

        bool timescale = await Migrations.ApplyAsync(new SinkOptions { ConnectionString = database.ConnectionString }, NullLogger.Instance, Cancelled);

        Assert.Equal(timescale, await database.AskAsync<bool>("SELECT to_regclass('timescaledb_information.hypertables') IS NOT NULL"));
        if (timescale)
        {
            Assert.Equal(
                ["accuracy|t", "api_price|t", "contract_price|t"],
                (await database.RowsAsync("SELECT hypertable_name, compression_enabled FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public' ORDER BY 1")));
        }
    }

    private static async Task<List<string>> RowsAsync(TestDatabase database)
    {
        List<string> rows = [];
        foreach (string table in new[] { "contract_price", "api_price", "accuracy", "dead_letter", "sink_offset" })
            rows.AddRange((await database.RowsAsync($"SELECT * FROM {table}")).Select(row => $"{table}: {row}"));
        Assert.Equal(5, rows.Count);
        return rows;
    }

    /// <summary>Columns, indexes, owners and rights of everything in the schema, in words.</summary>
    private static async Task<List<string>> SchemaAsync(TestDatabase database) =>
    [
        .. await database.RowsAsync("SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position"),
        .. await database.RowsAsync("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
        .. await database.RowsAsync("SELECT relname, relowner::regrole, relacl FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm') ORDER BY 1"),
        .. await database.RowsAsync("SELECT number, name, variant, checksum FROM schema_migration ORDER BY 1"),
    ];

    private static Task<bool> ApplyAsync(TestDatabase database) => Migrations.ApplyAsync(new SinkOptions { ConnectionString = database.ConnectionString }, NullLogger.Instance, Cancelled);

    private static Task<List<string>> TablesAsync(TestDatabase database) =>
        database.RowsAsync("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm') ORDER BY 1");

    private static Task<List<string>> StepsAsync(TestDatabase database) => database.RowsAsync("SELECT * FROM schema_migration ORDER BY number");
}
