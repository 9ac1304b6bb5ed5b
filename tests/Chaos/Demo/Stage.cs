using System.Net.Http.Json;
using System.Text.Json;
using Assay.Cli.Configuration;
using Assay.Demo.Chain;
using Assay.Demo.Database;
using Assay.Demo.Market;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Chaos.Tests.Demo;

/// <summary>The demo in parts: a process of the program for the broker and each role, with an EVM node, a PostgreSQL, the market and its oracle, and a relay before each server.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(20);
    // The group's and the transactions' in the roles.
    private static readonly TimeSpan KafkaSession = TimeSpan.FromSeconds(10);
    // Of those that nobody takes for dead; a frozen one has missed some rounds then.
    private static readonly TimeSpan NoSession = TimeSpan.FromSeconds(2);
    private readonly string _folder;
    private readonly SimulatedMarket _prices = new(new MarketOptions { VolatilityPct = 0.1, JumpEvery = TimeSpan.FromSeconds(5) });
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new() { Timeout = RequestBound };
    private readonly List<ServedResponse> _served = [];
    private readonly PostgresOptions _postgresOptions;
    private PostgresServer _postgres;
    private MarketServer _market = null!;
    private AnvilNode _node = null!;
    private DemoChain _chain = null!;
    private Task _oracle = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private long _revisions;

    private Stage(string folder, PostgresOptions options, PostgresServer postgres)
    {
        _folder = folder;
        _postgresOptions = options;
        _postgres = postgres;
        DatabaseRelay = new TcpRelay(postgres.Port);
        KafkaRelay = new TcpRelay(FreePort.Lasting());
        int registry = FreePort.Lasting();
        Kafka = new KafkaConnection { Bootstrap = $"127.0.0.1:{KafkaRelay.Port}", Registry = new Uri($"http://127.0.0.1:{registry}") };
        Broker = new FaultTarget("broker", log => Program(log, "broker", "--data", Path.Combine(folder, "broker"), "--port", $"{KafkaRelay.Target}",
            "--registry-port", $"{registry}", "--advertised-port", $"{KafkaRelay.Port}")) { Needed = true, SessionTimeout = NoSession };
        Contracts = Role("contracts", NoSession, "ingest", "contracts");
        Apis = Role("apis", NoSession, "ingest", "apis");
        Topology = Role("topology", KafkaSession, "topology");
        Sink = Role("sink", KafkaSession, "sink");
    }

    public KafkaConnection Kafka { get; }
    public FaultTarget Broker { get; }
    public FaultTarget Contracts { get; }
    public FaultTarget Apis { get; }
    public FaultTarget Topology { get; }
    public FaultTarget Sink { get; }
    public IReadOnlyList<FaultTarget> Targets => [Broker, Contracts, Apis, Topology, Sink];

    public TcpRelay KafkaRelay { get; }
    public TcpRelay DatabaseRelay { get; }
    public TcpRelay ChainRelay { get; private set; } = null!;
    public TcpRelay MarketRelay { get; private set; } = null!;

    public AnvilNode Node => _node;
    /// <summary>For Npgsql, with no relay in between.</summary>
    public string Database => new NpgsqlConnectionStringBuilder(_postgres.ConnectionString) { Pooling = false }.ConnectionString;
    public int DatabaseProcess => _postgres.ProcessId;
    public string ConfigurationFile => Path.Combine(_folder, "assay.json");

    /// <summary>Of the block that holds the last of the feeds' contracts: no reorganisation goes below.</summary>
    public long FirstBlock { get; private set; }

    /// <summary>Accuracy records and their revisions in the table, as looked at a moment ago.</summary>
    public long Revisions => Interlocked.Read(ref _revisions);

    /// <summary>All that the market has answered.</summary>
    public IReadOnlyList<ServedResponse> Served => [.. _served, .. _market.Journal];

    public static async Task<Stage> StartAsync(string folder)
    {
        PostgresOptions options = new() { DataFolder = Path.Combine(folder, "database") };
        Stage stage = new(folder, options, await PostgresServer.StartAsync(options, NullLoggerFactory.Instance, Cancelled));
        try
        {
            await stage.StartAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the server and starts it again.</summary>
    public async Task KillDatabaseAsync()
    {
        Signals.Send(_postgres.ProcessId, "KILL");
        await _postgres.Exited;
        await _postgres.DisposeAsync();
        _postgres = await PostgresServer.StartAsync(_postgresOptions, NullLoggerFactory.Instance, Cancelled);
        DatabaseRelay.Target = _postgres.Port;
    }

    public async Task RestartMarketAsync()
    {
        await _market.DisposeAsync();
        _served.AddRange(_market.Journal);
        _market = await StartMarketAsync();
        MarketRelay.Target = _market.Url.Port;
    }

    /// <summary>From here on no price is served and none is written to the chain, and the chain goes so far that none can be displaced any more.</summary>
    public async Task SettleAsync()
    {
        _market.ServerErrorRate = 1;
        await _stop.CancelAsync();
        await _oracle;
        await RequestAsync("anvil_mine", "0x50");
    }

    /// <summary>A JSON-RPC request to the node.</summary>
    public async Task<JsonElement> RequestAsync(string method, params object[] parameters)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync(_node.Http, new { jsonrpc = "2.0", id = 1, method, @params = parameters }, Cancelled);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        return answer.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException($"{method}: {answer}");
    }

    public async Task<long> HeadAsync() => Convert.ToInt64((await RequestAsync("eth_blockNumber")).GetString(), 16);

    /// <summary>Starts the program with a command.</summary>
    public static ChildProcess Program(string log, params IEnumerable<string> arguments) =>
        ChildProcess.StartLeashed(log, ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "assay.dll"), .. arguments]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_oracle, _watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (FaultTarget target in Targets.Reverse())
            target.Dispose();
        foreach (IAsyncDisposable? part in (IAsyncDisposable?[])[KafkaRelay, DatabaseRelay, ChainRelay, MarketRelay, _market, _chain, _node, _postgres])
        {
            if (part is not null)
                await part.DisposeAsync();
        }
        _http.Dispose();
        _stop.Dispose();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private async Task StartAsync()
    {
        Broker.Start(_folder);
        _node = await AnvilNode.StartAsync(new AnvilOptions { DataFolder = Path.Combine(_folder, "chain"), Port = FreePort.Lasting() }, NullLoggerFactory.Instance, TimeProvider.System, Cancelled);
        ChainRelay = new TcpRelay(_node.Port);
        _chain = await DemoChain.DeployAsync(_node, NullLoggerFactory.Instance, TimeProvider.System, Cancelled);
        FirstBlock = await HeadAsync();
        _market = await StartMarketAsync();
        MarketRelay = new TcpRelay(_market.Url.Port);
        ConfigurationWriter.Write(Configuration(), ConfigurationFile);
        Oracle oracle = new(
            new OracleOptions { DeviationThreshold = 0.2m, Heartbeat = TimeSpan.FromSeconds(3), Every = TimeSpan.FromMilliseconds(200), SubmitTimeout = TimeSpan.FromSeconds(5) },
            _prices, _chain.SubmitAsync, NullLoggerFactory.Instance, TimeProvider.System);
        _oracle = oracle.RunAsync(_stop.Token);
        _watching = WatchAsync();
    }

    private AssayConfiguration Configuration()
    {
        NpgsqlConnectionStringBuilder login = new(_postgres.ConnectionString);
        return new AssayConfiguration
        {
            Kafka = Kafka,
            Database = new DatabaseConnection { Host = "127.0.0.1", Port = DatabaseRelay.Port, Name = login.Database!, User = login.Username!, Password = login.Password },
            Chains =
            [
                new ChainOptions
                {
                    Name = "demo", ChainId = AnvilOptions.ChainId, PollEvery = TimeSpan.FromSeconds(1),
                    Endpoints = [new Uri($"ws://127.0.0.1:{ChainRelay.Port}"), new Uri($"http://127.0.0.1:{ChainRelay.Port}")],
                },
            ],
            Feeds =
            [
                .. _chain.Feeds.Select(feed => new FeedOptions
                {
                    Name = feed.Name, Pair = feed.Pair, Chain = "demo", Proxy = feed.Proxy, Heartbeat = TimeSpan.FromSeconds(5), DeviationThreshold = 0.2m,
                }),
            ],
            Sources = MarketSources.At(new Uri($"http://127.0.0.1:{MarketRelay.Port}")),
            Accuracy = new() { Feeds = [], Sources = [], Window = TimeSpan.FromSeconds(2), Grace = TimeSpan.FromMilliseconds(500), HeartbeatSlack = TimeSpan.FromSeconds(5) },
        };
    }

    // What it serves is different each time, so that a response can be told from every other.
    private Task<MarketServer> StartMarketAsync()
    {
        ApiOptions each = new() { Refresh = TimeSpan.FromMilliseconds(1), Lag = TimeSpan.FromSeconds(1), NoisePct = 0.05, Burst = 1_000, RequestsPerSecond = 100 };
        return MarketServer.StartAsync(new MarketServerOptions { CoinGecko = each, Coinpaprika = each }, _prices, TimeProvider.System, NullLoggerFactory.Instance, Cancelled);
    }

    private FaultTarget Role(string name, TimeSpan session, params string[] command) =>
        new(name, log => Program(log, [.. command, "--config", ConfigurationFile, "--set", $"kafka.instance={name}"])) { Needed = true, SessionTimeout = session };

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = new(Database);
                await connection.OpenAsync(_stop.Token);
                await using NpgsqlCommand count = new("SELECT (count(*) + coalesce(sum(revision), 0))::bigint FROM accuracy", connection);
                Interlocked.Exchange(ref _revisions, (long)(await count.ExecuteScalarAsync(_stop.Token))!);
                await Task.Delay(TimeSpan.FromMilliseconds(200), _stop.Token);
            }
            catch (Exception failure) when (failure is NpgsqlException or OperationCanceledException)
            {
                // The server is away, or the tables are not there yet: the next look sees.
            }
        }
    }
}
