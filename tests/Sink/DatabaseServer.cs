using Assay.Demo.Database;
using Assay.Sink.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(DatabaseServer))]

namespace Assay.Sink.Tests;

/// <summary>
/// One database server for all tests of the assembly: the one that ASSAY_TEST_TIMESCALE names (a connection string of a superuser), else a PostgreSQL of
/// our own. Each test has a fresh database.
/// </summary>
public sealed class DatabaseServer : IAsyncLifetime
{
    /// <summary>What ASSAY_TEST_TIMESCALE names; null: nothing.</summary>
    public static string? Named { get; } = Environment.GetEnvironmentVariable("ASSAY_TEST_TIMESCALE") is { Length: > 0 } named ? named : null;

    private readonly TemporaryFolder folder = new();
    private PostgresServer? own;
    private string connectionString = "";

    public async ValueTask InitializeAsync()
    {
        if (Named is { } named)
        {
            connectionString = named;
            return;
        }
        own = await PostgresServer.StartAsync(
            new PostgresOptions { DataFolder = folder.Path, ThrowAway = true }, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        connectionString = own.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (own is not null)
            await own.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>To the database "postgres", as superuser.</summary>
    public string ConnectionString => connectionString;

    /// <summary>An empty database.</summary>
    public async Task<TestDatabase> CreateAsync()
    {
        string name = $"test_{Guid.NewGuid():N}";
        await RunAsync($"CREATE DATABASE {name}");
        return new TestDatabase(new NpgsqlConnectionStringBuilder(connectionString) { Database = name, Pooling = false }.ConnectionString, () => DropAsync(name));
    }

    /// <summary>A database with this program's schema.</summary>
    public async Task<TestDatabase> CreateMigratedAsync()
    {
        TestDatabase database = await CreateAsync();
        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = database.ConnectionString }, NullLogger.Instance, TestContext.Current.CancellationToken);
        return database;
    }

    private Task DropAsync(string name) => RunAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    private async Task RunAsync(string sql)
    {
        await using NpgsqlConnection admin = new(new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await admin.OpenAsync();
        await using NpgsqlCommand command = new(sql, admin);
        await command.ExecuteNonQueryAsync();
    }
}
