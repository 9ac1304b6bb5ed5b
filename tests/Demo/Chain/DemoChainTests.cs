using System.Diagnostics;
using System.Numerics;
using Assay.Demo.Chain;
using Assay.Ethereum;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Demo.Tests.Chain;

/// <summary>The demo's chain on a real anvil.</summary>
public sealed class DemoChainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Submitted_price_is_the_proxys_latest_round()
    {
        await using AnvilNode node = await StartAsync();
        await using DemoChain chain = await DeployAsync(node);

        await chain.SubmitAsync("ETH-USD", 1683.12m, Cancellation);
        await chain.SubmitAsync("ETH-USD", 1684.5m, Cancellation);

        await using EthereumClient client = Client(node);
        PriceFeed feed = new(client, chain.Feeds.Single(feed => feed.Pair == "ETH-USD").Proxy);
        RoundData round = await feed.GetLatestRoundDataAsync(Cancellation);
        Assert.Equal(168450000000, round.Answer);
        Assert.Equal((BigInteger.One << 64) + 2, round.RoundId);
        Assert.Equal("ETH / USD", await feed.GetDescriptionAsync(Cancellation));
        Assert.Equal(8, await feed.GetDecimalsAsync(Cancellation));
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds((long)round.UpdatedAt), TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddSeconds(5));
    }

    [Fact]
    public async Task Moved_feed_answers_in_its_next_phase()
    {
        await using AnvilNode node = await StartAsync();
        await using DemoChain chain = await DeployAsync(node);
        await chain.SubmitAsync("BTC-USD", 29284.1m, Cancellation);

        string aggregator = await chain.MoveAsync("BTC-USD", Cancellation);
        await chain.SubmitAsync("BTC-USD", 29285m, Cancellation);

        await using EthereumClient client = Client(node);
        PriceFeed feed = new(client, chain.Feeds.Single(feed => feed.Pair == "BTC-USD").Proxy);
        Assert.Equal(aggregator, await feed.GetAggregatorAsync(Cancellation));
        Assert.Equal((new BigInteger(2) << 64) + 1, (await feed.GetLatestRoundDataAsync(Cancellation)).RoundId);
    }

    [Fact]
    public async Task Chain_stopped_and_started_again_goes_on_where_it_was()
    {
        string head;
        IReadOnlyList<DemoFeed> feeds;
        await using (AnvilNode node = await StartAsync())
        {
            await using DemoChain chain = await DeployAsync(node);
            await chain.SubmitAsync("LINK-USD", 7.25m, Cancellation);
            (head, feeds) = (await HeadAsync(node), chain.Feeds);
        }

        await using AnvilNode again = await StartAsync();
        await using DemoChain found = await DeployAsync(again);

        Assert.Equal(head, await HeadAsync(again));
        Assert.Equal(feeds, found.Feeds);
        Assert.Single(await LogsAsync(again));
        await found.SubmitAsync("LINK-USD", 7.26m, Cancellation);
        Assert.Equal(2, (await LogsAsync(again)).Count);
    }

    [Fact]
    public async Task Killed_node_comes_back_on_the_same_port_with_what_its_snapshot_holds()
    {
        await using AnvilNode node = await StartAsync();
        await using DemoChain chain = await DeployAsync(node);
        await chain.SubmitAsync("ETH-USD", 1683.12m, Cancellation);
        string head = await HeadAsync(node);
        string snapshot = _folder["state.json"], hash = head;
        await Eventually.True(() => File.Exists(snapshot) && File.ReadAllText(snapshot).Contains(hash, StringComparison.Ordinal), "a snapshot holds the newest block");

        int killed = node.ProcessId;
        using (Process anvil = Process.GetProcessById(killed))
            anvil.Kill();

        await Eventually.True(async () => node.ProcessId != killed && await HeadOrNullAsync(node) == head, "the node serves its chain again");
    }

    [Fact]
    public async Task Chain_whose_owner_is_killed_loses_no_block()
    {
        int node;
        string head;
        using (Process owner = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [.. Arguments(), "--chain", _folder.Path]) { RedirectStandardInput = true, RedirectStandardOutput = true })!)
        {
            node = int.Parse((await owner.StandardOutput.ReadLineAsync(Cancellation))!, System.Globalization.CultureInfo.InvariantCulture);
            head = (await owner.StandardOutput.ReadLineAsync(Cancellation))!;
            owner.Kill();
            await owner.WaitForExitAsync(Cancellation);
        }

        await using AnvilNode again = await StartAsync();

        Assert.Equal(head, await HeadAsync(again));
        // Where nobody collects orphans, a dead one keeps its number but has no command line any more.
        string commandLine = $"/proc/{node}/cmdline";
        Assert.True(!File.Exists(commandLine) || (await File.ReadAllTextAsync(commandLine, Cancellation)).Length == 0, "the first node has ended");
    }

    [Fact]
    public async Task Second_node_on_the_same_folder_is_refused_with_a_sentence()
    {
        await using AnvilNode node = await StartAsync();

        Exception refused = await Assert.ThrowsAsync<Assay.Schemas.UserException>(StartAsync);

        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taken_port_is_replaced_by_a_free_one()
    {
        await using AnvilNode node = await StartAsync();
        using TemporaryFolder other = new();

        await using AnvilNode second = await AnvilNode.StartAsync(
            new AnvilOptions { DataFolder = other.Path, Port = node.Port }, NullLoggerFactory.Instance, TimeProvider.System, Cancellation);

        Assert.NotEqual(node.Port, second.Port);
    }

    /// <summary>This very program: the dotnet host wants the assembly named, its own host does not.</summary>
    private static string[] Arguments() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(DemoChainTests).Assembly.Location] : [];

    private Task<AnvilNode> StartAsync() => AnvilNode.StartAsync(new AnvilOptions { DataFolder = _folder.Path }, NullLoggerFactory.Instance, TimeProvider.System, Cancellation);

    private static Task<DemoChain> DeployAsync(AnvilNode node) => DemoChain.DeployAsync(node, NullLoggerFactory.Instance, TimeProvider.System, Cancellation);

    private static EthereumClient Client(AnvilNode node) =>
        new(new EthereumClientOptions { Name = "demo", ChainId = AnvilOptions.ChainId, Endpoints = [node.Http] }, NullLogger.Instance, TimeProvider.System);

    private static async Task<string> HeadAsync(AnvilNode node)
    {
        await using EthereumClient client = Client(node);
        return (await client.GetBlockByNumberAsync(await client.GetBlockNumberAsync(Cancellation), Cancellation))!.Hash;
    }

    private static async Task<string?> HeadOrNullAsync(AnvilNode node)
    {
        try
        {
            return await HeadAsync(node);
        }
        catch (EndpointsUnavailableException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<LogEntry>> LogsAsync(AnvilNode node)
    {
        await using EthereumClient client = Client(node);
        return await client.GetLogsAsync(new LogFilter([], AnswerUpdated.Topic), 0, await client.GetBlockNumberAsync(Cancellation), Cancellation);
    }
}
