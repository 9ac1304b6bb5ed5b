using Assay.Sink.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Sink.Tests;

/// <summary>
/// A migrated database with TimescaleDB: of the server that ASSAY_TEST_TIMESCALE names, else npm's PostgreSQL in WebAssembly, which every machine with Node.js has. All connections to the
/// latter share one backend.
/// </summary>
public sealed class TimescaleServer(DatabaseServer server) : IAsyncLifetime
{
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder folder = new();
    private ChildProcess? process;

    /// <summary>Null where the package is missing; <see cref="Database"/> then skips the test.</summary>
    private TestDatabase? database;

    public TestDatabase Database
    {
        get
        {
            if (database is null)
                Foreign.NodePackage(Package);
            return database!;
        }
    }

    private static readonly string Package = Path.Combine("@unni-craftsman", "pglite");

    public async ValueTask InitializeAsync()
    {
        database = DatabaseServer.Named is null ? await StartPgliteAsync() : await server.CreateAsync();
        if (database is null)
            return;
        // One version after the other, as in a database that has seen them all.
        for (int version = 1; version <= Migration.All[^1].Number; version++)
            Assert.True(await MigrateAsync(version));
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
            await database.DisposeAsync();
        process?.Dispose();
        folder.Dispose();
    }

    /// <summary>Applies the steps up to one.</summary>
    internal Task<bool> MigrateAsync(int last = int.MaxValue, TimeSpan? retention = null) => Migrations.ApplyAsync(
        new SinkOptions { ConnectionString = Database.ConnectionString, Retention = retention }, last, NullLogger.Instance, TestContext.Current.CancellationToken);

    private async Task<TestDatabase?> StartPgliteAsync()
    {
        string package = Path.Combine(Foreign.NodeModules, Package);
        if (!Directory.Exists(package))
            return null;
        process = ChildProcess.Start(folder["pglite.log"], Foreign.Program("node", "install Node.js"), Repository.File("tests", "Sink", "Foreign", "pglite.cjs"), package);
        await Eventually.True(() => process.HasExited || process.Tail(1).StartsWith("listening ", StringComparison.Ordinal), "PGlite listens", StartBound);
        NpgsqlConnectionStringBuilder settings = new()
        {
            Host = "127.0.0.1",
            Port = int.Parse(process.Tail(1)["listening ".Length..], System.Globalization.CultureInfo.InvariantCulture),
            Username = "postgres",
            Password = "none",
            Database = "postgres",
            Pooling = false,
        };
        return new TestDatabase(settings.ConnectionString, () => Task.CompletedTask);
    }
}
