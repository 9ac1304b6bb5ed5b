using System.Text.Json;
using Npgsql;

namespace Assay.Sink.Tests;

/// <summary><c>assay bench sink</c> in a process of its own, small.</summary>
public sealed class BenchTests(DatabaseServer server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bench_measures_both_ways_and_leaves_no_database_behind()
    {
        Foreign.Program("psql", "apt-get install postgresql-client");
        NpgsqlConnectionStringBuilder login = new(server.ConnectionString);
        string address = $"postgresql://{login.Username}:{login.Password}@{login.Host}:{login.Port}/postgres";

        (int exitCode, string output, string error) = await RunAsync("--database", address, "--rows", "4000", "--runs", "2", "--batch", "1500");

        Assert.True(exitCode == 0, error);
        JsonElement line = JsonElement.Parse(output);
        Assert.Equal(["rows", "batch", "timescale", "sink_rows_per_s", "copy_rows_per_s", "ratio", "sink_runs", "copy_runs"], line.EnumerateObject().Select(property => property.Name));
        Assert.All(["sink_rows_per_s", "copy_rows_per_s", "ratio"], (string name) => Assert.True(line.GetProperty(name).GetDouble() > 0, output));
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using NpgsqlCommand left = new("SELECT count(*) FROM pg_database WHERE datname LIKE 'assay\\_bench%'", connection);
        Assert.Equal(0L, await left.ExecuteScalarAsync(Cancelled));
    }

    [Fact]
    public async Task Bench_names_an_address_that_is_none() =>
        Assert.Equal((1, "", "assay: --database takes postgresql://USER:PASSWORD@HOST:PORT/NAME.\n"), await RunAsync("--database", "localhost"));

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] options) =>
        Programs.RunAsync(Programs.Dotnet, [Programs.BuiltBeside("bench", "Assay.Sink.Bench.dll"), "sink", .. options]);
}
