using Assay.Sink.Internal;

namespace Assay.Sink.Tests;

/// <summary>What the migrations make of a database with TimescaleDB.</summary>
public sealed class TimescaleTests(TimescaleServer server) : IClassFixture<TimescaleServer>
{
    [Fact]
    public async Task Tables_are_compressed_hypertables_of_the_owner() => Assert.Equal(
        ["accuracy|assay_owner|t", "api_price|assay_owner|t", "contract_price|assay_owner|t"],
        await server.Database.RowsAsync(
            "SELECT hypertable_name, owner, compression_enabled FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public' ORDER BY 1"));

    [Fact]
    public async Task Policies_compress_the_tables_and_refresh_the_hourly_figures_as_the_owner() => Assert.Equal(
        [
            "policy_compression|accuracy|assay_owner|7 days", "policy_compression|api_price|assay_owner|7 days", "policy_compression|contract_price|assay_owner|30 days",
            "policy_refresh_continuous_aggregate|accuracy_hourly|assay_owner|∅",
        ],
        await server.Database.RowsAsync(
            """
            SELECT proc_name, hypertable_name, owner, config ->> 'compress_after' FROM timescaledb_information.jobs
            WHERE hypertable_schema = 'public' AND proc_name <> 'policy_retention' ORDER BY 1, 2
            """));

    [Fact]
    public async Task Hourly_figures_are_a_continuous_aggregate_with_count_worst_mean_and_shares()
    {
        Assert.Equal(["accuracy_hourly|f"], await server.Database.RowsAsync("SELECT view_name, materialized_only FROM timescaledb_information.continuous_aggregates"));
        await server.Database.RunAsync(
            """
            INSERT INTO accuracy (at, id, pair, feed, chain_id, trigger, revision, status, deviation_pct) VALUES
              ('2023-08-17 21:01Z', 'a', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'ok', 0.1),
              ('2023-08-17 21:02Z', 'b', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'deviating', -0.9),
              ('2023-08-17 21:03Z', 'c', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'stale', 0.2),
              ('2023-08-17 21:04Z', 'd', 'ETH-USD', 'eth-usd', 1, 'window', 0, 'ok', 0.0),
              ('2023-08-17 21:05Z', 'e', 'ETH-USD', 'eth-usd', 1, 'window', 1, 'retracted', NULL)
            """);

        const string figures = "SELECT hour, feed, records, worst_pct, round(mean_pct, 2), round(deviating_share, 2), round(stale_share, 2) FROM accuracy_hourly WHERE hour < '2024-01-01'";
        const string expected = "2023-08-17 21:00:00+00|eth-usd|4|0.9|0.30|0.25|0.25";
        Assert.Equal([expected], await server.Database.RowsAsync(figures));
        await server.Database.RunAsync("CALL refresh_continuous_aggregate('accuracy_hourly', NULL, NULL)");
        Assert.Equal([expected], await server.Database.RowsAsync(figures));
    }

    [Fact]
    public async Task Retention_is_what_the_configuration_says_and_leaves_the_hourly_figures()
    {
        Assert.Empty(await RetentionAsync());

        await server.MigrateAsync(retention: TimeSpan.FromDays(90));
        Assert.Equal(["accuracy|90 days", "api_price|90 days", "contract_price|90 days"], await RetentionAsync());
        Assert.Equal("90 days", await RefreshAsync());

        await server.MigrateAsync(retention: TimeSpan.FromDays(180));
        Assert.Equal(["accuracy|180 days", "api_price|180 days", "contract_price|180 days"], await RetentionAsync());
        Assert.Equal("90 days", await RefreshAsync());

        await server.MigrateAsync();
        Assert.Empty(await RetentionAsync());
        Assert.Equal("90 days", await RefreshAsync());
    }

    [Fact]
    public async Task Writer_stores_into_new_and_into_compressed_chunks_and_the_reader_reads_them()
    {
        const string row = "'ETH-USD', 'eth-usd', 1, 'window', {0}, 'ok', 0.1) ON CONFLICT (id, at) DO UPDATE SET revision = excluded.revision WHERE accuracy.revision < excluded.revision";
        const string insert = "INSERT INTO accuracy (at, id, pair, feed, chain_id, trigger, revision, status, deviation_pct) VALUES ('2024-02-01 00:01Z', 'w', ";
        await server.Database.RunAsync($"SET ROLE {Roles.Writer}", insert + row.Replace("{0}", "0", StringComparison.Ordinal));
        await server.Database.RunAsync("SELECT compress_chunk(show_chunks('accuracy', older_than => '2024-03-01'::timestamptz, newer_than => '2024-01-01'::timestamptz))");

        await server.Database.RunAsync($"SET ROLE {Roles.Writer}", insert + row.Replace("{0}", "1", StringComparison.Ordinal));

        await server.Database.RunAsync(
            $"SET ROLE {Roles.Reader}",
            "DO $$ BEGIN IF (SELECT revision FROM accuracy WHERE id = 'w') <> 1 OR (SELECT sum(records) FROM accuracy_hourly WHERE hour > '2024-01-01') <> 1 THEN RAISE 'not read'; END IF; END $$");
    }

    private Task<List<string>> RetentionAsync() => server.Database.RowsAsync(
        "SELECT hypertable_name, (config ->> 'drop_after')::interval FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention' ORDER BY 1");

    private async Task<string> RefreshAsync() => Assert.Single(await server.Database.RowsAsync(
        "SELECT (config ->> 'start_offset')::interval FROM timescaledb_information.jobs WHERE proc_name = 'policy_refresh_continuous_aggregate'"));
}
