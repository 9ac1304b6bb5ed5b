using Assay.Schemas;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Sink.Tests;

public sealed class MigrationsTests(DatabaseServer server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly string[] Tables = ["accuracy", "accuracy_hourly", "api_price", "contract_price", "dead_letter", "schema_migration", "sink_offset"];

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
        Assert.Equal(2, (await StepsAsync(database)).Count);
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

        Assert.Equal(2, (await StepsAsync(database)).Count);
    }

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

        bool timescale = await Migrations.ApplyAsync(database.ConnectionString, NullLogger.Instance, Cancelled);

        Assert.Equal(timescale, await database.AskAsync<bool>("SELECT to_regclass('timescaledb_information.hypertables') IS NOT NULL"));
        if (timescale)
        {
            Assert.Equal(
                ["accuracy|t", "api_price|t", "contract_price|t"],
                (await database.RowsAsync("SELECT hypertable_name, compression_enabled FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public' ORDER BY 1")));
        }
    }

    private static Task<bool> ApplyAsync(TestDatabase database) => Migrations.ApplyAsync(database.ConnectionString, NullLogger.Instance, Cancelled);

    private static Task<List<string>> TablesAsync(TestDatabase database) =>
        database.RowsAsync("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm') ORDER BY 1");

    private static Task<List<string>> StepsAsync(TestDatabase database) => database.RowsAsync("SELECT * FROM schema_migration ORDER BY number");
}
