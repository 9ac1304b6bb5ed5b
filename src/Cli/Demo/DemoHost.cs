using System.Text;
using Assay.Broker;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Demo;
using Assay.Demo.Chain;
using Assay.Demo.Database;
using Assay.Demo.Market;
using Assay.Demo.Processes;
using Assay.Schemas;
using Assay.Topology;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Cli.Demo;

/// <summary>
/// What stands around the demo's roles: broker and registry, EVM node with its feeds and their oracle, market, database. The roles reach these over TCP only.
/// </summary>
/// <remarks>Parts end in the reverse order of their start. Child processes end with this one, however it ends.</remarks>
internal sealed class DemoHost : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();

    private DemoHost()
    {
    }

    public AssayConfiguration Configuration { get; private set; } = null!;

    public Endpoints Endpoints { get; private set; } = null!;

    public Oracle Oracle { get; private set; } = null!;

    /// <summary>A libpq password file, so that the psql line to paste needs no password.</summary>
    public string PasswordFile { get; private set; } = null!;

    /// <summary>Starts all parts, those that do not need each other at the same time.</summary>
    /// <exception cref="UserException">A part does not start; the message says why.</exception>
    public static async Task<DemoHost> StartAsync(string folder, AccuracyFormat format, Steps steps, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        DemoHost host = new();
        try
        {
            Task<KafkaBroker> broker = steps.RunAsync(
                () => host.KeepAsync(StartBrokerAsync(folder, loggers, time, cancellationToken)),
                broker => $"Kafka broker {broker.Bootstrap}, schema registry {Endpoints.Plain(broker.RegistryUrl!)}");
            Task<PostgresServer> database = host.StartDatabaseAsync(folder, steps, loggers, cancellationToken);
            Task<(AnvilNode Node, DemoChain Chain)> chain = host.StartChainAsync(folder, steps, loggers, time, cancellationToken);
            SimulatedMarket prices = new(new MarketOptions());
            Task<MarketServer> market = steps.RunAsync(
                () => host.KeepAsync(StartMarketAsync(prices, loggers, time, cancellationToken)),
                server => $"price APIs (CoinGecko's and Coinpaprika's paths) {Endpoints.Plain(server.Url)}");
            // Each is awaited even when another failed, so that nothing starts behind the stop.
            await Task.WhenAll(broker, database, chain, market);

            (AnvilNode node, DemoChain feeds) = await chain;
            NpgsqlConnectionStringBuilder login = new((await database).ConnectionString);
            host.Configuration = DemoConfiguration.Create(
                new KafkaConnection { Bootstrap = (await broker).Bootstrap, Registry = (await broker).RegistryUrl!, Instance = "demo" }, node, feeds, (await market).Url,
                new DatabaseConnection { Host = login.Host!, Port = login.Port, Name = login.Database!, User = login.Username!, Password = login.Password }, format);
            host.Endpoints = new((await broker).Bootstrap, (await broker).RegistryUrl!, node.Http, (await market).Url, (await database).Uri);
            host.Oracle = new(DemoConfiguration.Oracle, prices, feeds.SubmitAsync, loggers, time);
            host.PasswordFile = WritePasswordFile(folder, login);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (true)
        {
            IAsyncDisposable? part;
            lock (_parts)
            {
                if (!_parts.TryPop(out part))
                    return;
            }
            await part.DisposeAsync();
        }
    }

    private static Task<KafkaBroker> StartBrokerAsync(string folder, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        OnFreePortsAsync<KafkaBroker, BrokerException>(preferred => KafkaBroker.StartAsync(
            new BrokerOptions { DataFolder = Path.Combine(folder, "broker"), Port = preferred(DemoPorts.Kafka), RegistryPort = preferred(DemoPorts.Registry) },
            loggers, time, cancellationToken));

    private static Task<MarketServer> StartMarketAsync(SimulatedMarket prices, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        OnFreePortsAsync<MarketServer, IOException>(preferred =>
            MarketServer.StartAsync(new MarketServerOptions { Port = preferred(DemoPorts.Market) }, prices, time, loggers, cancellationToken));

    /// <summary>Starts on the preferred ports that are free; when somebody takes one in that moment, on any.</summary>
    private static async Task<T> OnFreePortsAsync<T, TTaken>(Func<Func<int, int>, Task<T>> start) where TTaken : Exception
    {
        try
        {
            return await start(LoopbackPort.Choose);
        }
        catch (TTaken)
        {
            return await start(_ => 0);
        }
    }

    private async Task<PostgresServer> StartDatabaseAsync(string folder, Steps steps, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        PostgresOptions options = new() { DataFolder = Path.Combine(folder, "database"), Port = DemoPorts.Database, NodeModules = DemoTools.NodeModules };
        (PostgresServer server, _) = await steps.RunAsync(
            async () =>
            {
                PostgresServer server = await KeepAsync(PostgresServer.StartAsync(options, loggers, cancellationToken));
                await using NpgsqlConnection connection = new(server.ConnectionString);
                await connection.OpenAsync(cancellationToken);
                await using NpgsqlCommand query = new("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')", connection);
                return (server, HasTimescale: await query.ExecuteScalarAsync(cancellationToken) is true);
            },
            started => $"PostgreSQL 127.0.0.1:{started.server.Port}, {(started.HasTimescale ? "with TimescaleDB" : "plain tables, since TimescaleDB is not installed with it")}");
        return server;
    }

    private async Task<(AnvilNode, DemoChain)> StartChainAsync(string folder, Steps steps, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        AnvilNode node = await steps.RunAsync(
            () => KeepAsync(AnvilNode.StartAsync(new AnvilOptions { DataFolder = Path.Combine(folder, "chain"), Port = DemoPorts.Chain }, loggers, time, cancellationToken)),
            node => $"EVM node {Endpoints.Plain(node.Http)}");
        DemoChain chain = await steps.RunAsync(
            () => KeepAsync(DemoChain.DeployAsync(node, loggers, time, cancellationToken)),
            chain => $"price feeds on it: {string.Join(", ", chain.Feeds.Select(feed => feed.Pair))}");
        return (node, chain);
    }

    private async Task<T> KeepAsync<T>(Task<T> starting) where T : IAsyncDisposable
    {
        T part = await starting;
        lock (_parts)
            _parts.Push(part);
        return part;
    }

    private static string WritePasswordFile(string folder, NpgsqlConnectionStringBuilder login)
    {
        string path = Path.Combine(folder, "pgpass");
        PrivateFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes($"{login.Host}:{login.Port}:*:{login.Username}:{login.Password}{Environment.NewLine}")));
        return path;
    }
}
