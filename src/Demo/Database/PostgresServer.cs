using System.Globalization;
using Assay.Demo.Database.Internal;
using Assay.Demo.Processes;
using Assay.Schemas;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Demo.Database;

/// <summary>A PostgreSQL server of our own, for the demo and the tests: loopback only, with a password made on its first start.</summary>
/// <remarks>
/// Takes the machine's newest PostgreSQL, else npm's; loads TimescaleDB where the installation has it. As root it runs the server under another account,
/// since PostgreSQL refuses root. It ends with this process even when this is killed; what an earlier run left on the same folder is stopped first.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(5);
    private const int PortAttempts = 5;

    private readonly Cluster cluster;
    private readonly LeashedProcess process;
    private readonly NpgsqlConnectionStringBuilder connection;

    private PostgresServer(Cluster cluster, LeashedProcess process, NpgsqlConnectionStringBuilder connection)
    {
        this.cluster = cluster;
        this.process = process;
        this.connection = connection;
    }

    /// <summary>For Npgsql, to the database of the options, as superuser; it holds the password.</summary>
    public string ConnectionString => connection.ConnectionString;

    /// <summary>The same for psql and other clients: <c>postgresql://user:password@host:port/database</c>.</summary>
    public Uri Uri => new($"postgresql://{connection.Username}:{connection.Password}@{connection.Host}:{connection.Port}/{connection.Database}");

    /// <summary>The port it listens on.</summary>
    public int Port => connection.Port;

    /// <summary>Completes when the server has ended, be it by itself.</summary>
    public Task Exited => process.Exited;

    /// <summary>The server's process id, for those who measure it.</summary>
    public int ProcessId => process.Id;

    /// <summary>Starts the server and returns once it accepts connections and the database exists.</summary>
    /// <exception cref="UserException">There is no PostgreSQL, or it does not start; the message says why.</exception>
    public static async Task<PostgresServer> StartAsync(PostgresOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger<PostgresServer>();
        Cluster cluster = Cluster.Open(options.DataFolder);
        try
        {
            PostgresBinaries binaries = await PostgresBinaries.FindAsync(cluster.Major, options.NodeModules, cancellationToken);
            ServiceAccount account = await ServiceAccount.ChooseAsync(binaries.Server, cluster.Folder, cancellationToken);
            string password = cluster.Password();
            await cluster.CreateAsync(binaries, account, password, options.ThrowAway, cancellationToken);
            await cluster.StopLeftoverAsync(logger, cancellationToken);
            (LeashedProcess process, int port) = await LaunchAsync(cluster, binaries, account, options, cancellationToken);
            Log.Listening(logger, binaries.Major, port, cluster.Folder);
            try
            {
                NpgsqlConnectionStringBuilder connection = new()
                {
                    Host = "127.0.0.1",
                    Port = port,
                    Username = Cluster.User,
                    Password = password,
                    Database = options.Database,
                };
                await EnsureDatabaseAsync(connection, options.Database, cancellationToken);
                return new PostgresServer(cluster, process, connection);
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>The connection string to another database of this server.</summary>
    public string ConnectionStringTo(string database) => new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ConnectionString;

    /// <summary>Creates a database where it does not exist yet and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string database, CancellationToken cancellationToken)
    {
        await EnsureDatabaseAsync(connection, database, cancellationToken);
        return ConnectionStringTo(database);
    }

    /// <summary>Shuts down fast (open transactions roll back), within 5 s.</summary>
    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        cluster.Dispose();
    }

    private static async Task<(LeashedProcess Process, int Port)> LaunchAsync(
        Cluster cluster, PostgresBinaries binaries, ServiceAccount account, PostgresOptions options, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = LoopbackPort.Choose(attempt == 1 ? options.Port : 0);
            File.Delete(cluster.LogFile);
            LeashedProcess process = LeashedProcess.Start([.. account.Switch, .. ServerCommand(cluster, binaries, options, port)], cluster.LogFile, "INT", StopBound);
            if (await WaitUntilReadyAsync(cluster, process, cancellationToken))
                return (process, port);
            await process.DisposeAsync();
            string log = File.ReadAllText(cluster.LogFile);
            // Between our look and the server's, somebody else may have taken the port; children of a killed server need a moment to let go of its memory.
            if (attempt == PortAttempts || !(log.Contains("could not bind", StringComparison.Ordinal) || log.Contains("shared memory block", StringComparison.Ordinal)))
            {
                string last = string.Join(' ', log.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(3));
                throw new UserException($"PostgreSQL did not start on {cluster.Folder}: {last} (all of it is in {cluster.LogFile}).");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), cancellationToken);
        }
    }

    /// <summary>False when the server ended instead, or took longer than the bound.</summary>
    private static async Task<bool> WaitUntilReadyAsync(Cluster cluster, LeashedProcess process, CancellationToken cancellationToken)
    {
        try
        {
            using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bound.CancelAfter(StartBound);
            while (!cluster.IsReady(process.Id))
            {
                if (process.Exited.IsCompleted || bound.IsCancellationRequested)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return false;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
            }
            return true;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static List<string> ServerCommand(Cluster cluster, PostgresBinaries binaries, PostgresOptions options, int port)
    {
        List<string> settings =
        [
            "listen_addresses=127.0.0.1", $"port={port.ToString(CultureInfo.InvariantCulture)}", "unix_socket_directories=", "timezone=UTC", "log_timezone=UTC",
            "max_connections=50", "shared_buffers=64MB", "jit=off", "log_checkpoints=off",
        ];
        if (options.ThrowAway)
            settings.AddRange(["fsync=off", "full_page_writes=off"]);
        if (binaries.HasTimescale)
            settings.AddRange(["shared_preload_libraries=timescaledb", "timescaledb.telemetry_level=off"]);
        return [binaries.Server, "-D", cluster.Data, .. settings.SelectMany(setting => new[] { "-c", setting })];
    }

    private static async Task EnsureDatabaseAsync(NpgsqlConnectionStringBuilder server, string database, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection admin = new(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await admin.OpenAsync(cancellationToken);
        await using NpgsqlCommand look = new("SELECT 1 FROM pg_database WHERE datname = $1", admin) { Parameters = { new() { Value = database } } };
        if (await look.ExecuteScalarAsync(cancellationToken) is not null)
            return;
        // A database's name can be no parameter.
        string quoted = "\"" + database.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
#pragma warning disable CA2100 // The name is quoted above and comes from the program's options.
        await using NpgsqlCommand create = new($"CREATE DATABASE {quoted}", admin);
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync(cancellationToken);
    }
}
