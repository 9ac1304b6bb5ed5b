using System.Globalization;
using Assay.Demo.Chain.Internal;
using Assay.Demo.Processes;
using Assay.Ethereum;
using Assay.Schemas;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Demo.Chain;

/// <summary>
/// A real EVM node (anvil) as a child process, on 127.0.0.1, over HTTP and WebSocket on one port. A block is mined for each transaction, at the clock's time.
/// </summary>
/// <remarks>
/// <para>The chain survives. Anvil writes it when it is asked to end, and it is asked also when this process is killed: its leash sends it the signal. For
/// the case that anvil itself is killed, a snapshot is taken within a second of each new block and put in place by a rename, so that one is always whole. Blocks that were mined after the last
/// snapshot are then gone, as in a reorganisation of the chain, and whoever read them has to treat it as one.</para>
/// <para>An anvil that ends by itself is started again, on the same port, from the last snapshot.</para>
/// </remarks>
public sealed class AnvilNode : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);
    private const int PortAttempts = 5;

    private readonly ChainFolder _folder;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly EthereumClient _client;
    private readonly ChainSnapshots _snapshots;
    private LeashedProcess _process;
    private Task _keeping = Task.CompletedTask;

    private AnvilNode(ChainFolder folder, LeashedProcess process, int port, ILogger logger, TimeProvider time)
    {
        _folder = folder;
        _process = process;
        _logger = logger;
        _time = time;
        Port = port;
        // Its outages are ours: they are logged as what they are, the node's end.
        _client = new EthereumClient(new EthereumClientOptions { Name = "demo", ChainId = AnvilOptions.ChainId, Endpoints = [Http] }, NullLogger.Instance, time);
        _snapshots = new ChainSnapshots(_client, folder, time);
    }

    public int Port { get; }

    /// <summary>For JSON-RPC by POST.</summary>
    public Uri Http => new($"http://127.0.0.1:{Port}");

    /// <summary>For JSON-RPC by WebSocket, with subscriptions.</summary>
    public Uri WebSocket => new($"ws://127.0.0.1:{Port}");

    /// <summary>The node's process id, for those who measure it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the node on its kept chain, or a new one, and returns once it answers.</summary>
    /// <exception cref="UserException">Anvil is not installed or does not start, or another process uses the folder.</exception>
    public static async Task<AnvilNode> StartAsync(AnvilOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger<AnvilNode>();
        ChainFolder folder = ChainFolder.Open(options.DataFolder);
        try
        {
            await folder.EndLeftoverAsync(time, cancellationToken);
            for (int attempt = 1; ; attempt++)
            {
                int port = LoopbackPort.Choose(attempt == 1 ? options.Port : 0);
                if (await LaunchAsync(folder, port, time, cancellationToken) is { } process)
                {
                    AnvilNode node = new(folder, process, port, logger, time);
                    node._keeping = node.KeepAsync();
                    Log.AnvilListens(logger, port, folder.Path);
                    return node;
                }
                if (attempt == PortAttempts)
                    throw new UserException($"The EVM node anvil does not start: {folder.LastLogLines()} (all of it is in {folder.LogFile}); start with --fresh if its chain is broken.");
            }
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Takes a snapshot now: what is on the chain survives the node from here on.</summary>
    /// <exception cref="EthereumException">The node does not answer.</exception>
    public Task SaveAsync(CancellationToken cancellationToken) => _snapshots.TakeAsync(cancellationToken);

    /// <summary>Ends the node; its chain is kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        await _client.DisposeAsync();
        await _process.DisposeAsync();
        _snapshots.Dispose();
        _stopping.Dispose();
        _folder.Dispose();
    }

    /// <summary>Null when it ended instead of answering: mostly because somebody else took the port.</summary>
    private static async Task<LeashedProcess?> LaunchAsync(ChainFolder folder, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        folder.Prepare();
        List<string> command =
        [
            DemoTools.Anvil, "--quiet", "--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--chain-id", AnvilOptions.ChainId.ToString(CultureInfo.InvariantCulture),
            "--dump-state", folder.AtExit,
        ];
        if (File.Exists(folder.Snapshot))
            command.AddRange(["--load-state", folder.Snapshot]);
        LeashedProcess process = LeashedProcess.Start(command, folder.LogFile, "TERM", StopBound);
        try
        {
            folder.WritePid(process.Id);
            using CancellationTokenSource bound = new(StartBound, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
            using AnvilProbe probe = new(port);
            while (!process.Exited.IsCompleted && !bound.IsCancellationRequested)
            {
                // Whoever answers on the port while our child is gone is not our child.
                if (await probe.AnswersAsync(either.Token) && !process.Exited.IsCompleted)
                    return process;
                await Task.WhenAny(process.Exited, Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
            await process.DisposeAsync();
            return null;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes snapshots, and starts the node again when it ended by itself.</summary>
    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                if (_process.Exited.IsCompleted)
                    await RestartAsync();
                await _snapshots.TakeWhenChangedAsync(_stopping.Token);
                await Task.WhenAny(_process.Exited, Task.Delay(_snapshots.Pause, _time, _stopping.Token));
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is being stopped; it writes its chain itself then.
        }
    }

    private async Task RestartAsync()
    {
        LeashedProcess ended = _process;
        Log.AnvilEnded(_logger, ended.ExitCode, _folder.LogFile);
        while (true)
        {
            if (await LaunchAsync(_folder, Port, _time, _stopping.Token) is { } process)
            {
                _process = process;
                await ended.DisposeAsync();
                return;
            }
            await Task.Delay(RestartPause, _time, _stopping.Token);
        }
    }
}
