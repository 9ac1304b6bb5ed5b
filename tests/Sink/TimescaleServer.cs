using Assay.Sink.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Sink.Tests;

/// <summary>A real TimescaleDB on every machine that has Node.js: npm's PostgreSQL in WebAssembly, whose one database is migrated here. All connections share one backend.</summary>
public sealed class PgliteServer : IAsyncLifetime
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
            Foreign.NodePackage(Package);
            return database!;
        }
    }

    private static readonly string Package = Path.Combine("@unni-craftsman", "pglite");

    public async ValueTask InitializeAsync()
    {
        string package = Path.Combine(Foreign.NodeModules, Package);
        if (!Directory.Exists(package))
            return;
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
        database = new TestDatabase(settings.ConnectionString, () => Task.CompletedTask);
        // One version after the other, as in a database that has seen them all.
        for (int version = 1; version <= Migration.All[^1].Number; version++)
            Assert.True(await MigrateAsync(version));
    }

    public ValueTask DisposeAsync()
    {
        process?.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Applies the steps up to one.</summary>
    internal Task<bool> MigrateAsync(int last = int.MaxValue, TimeSpan? retention = null) => Migrations.ApplyAsync(
        new SinkOptions { ConnectionString = Database.ConnectionString, Retention = retention }, last, NullLogger.Instance, TestContext.Current.CancellationToken);
}
