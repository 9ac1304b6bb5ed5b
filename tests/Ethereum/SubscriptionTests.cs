using System.Diagnostics;
using Assay.Demo.Chain;

namespace Assay.Ethereum.Tests;

/// <summary>Against a real anvil.</summary>
public sealed class SubscriptionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscription_brings_each_log_as_it_is_mined()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client(webSocket: true);
        await using IAsyncEnumerator<LogEntry> logs = client.SubscribeLogsAsync(await FilterAsync(client, node.Chain, "ETH-USD"), Cancellation).GetAsyncEnumerator(Cancellation);
        Task<bool> next = logs.MoveNextAsync().AsTask();
        await UntilSubscribedAsync(node, next);

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal(100_000_000, AnswerUpdated.Decode(logs.Current).Current);
        Assert.False(logs.Current.Removed);
    }

    [Fact]
    public async Task Subscription_is_made_anew_when_the_node_comes_back()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client(webSocket: true);
        LogFilter filter = await FilterAsync(client, node.Chain, "ETH-USD");
        await using IAsyncEnumerator<LogEntry> logs = client.SubscribeLogsAsync(filter, Cancellation).GetAsyncEnumerator(Cancellation);
        Task<bool> next = logs.MoveNextAsync().AsTask();
        await UntilSubscribedAsync(node, next);
        int killed = node.Anvil.ProcessId;

        using (Process anvil = Process.GetProcessById(killed))
            anvil.Kill();
        await Eventually.True(() => node.Anvil.ProcessId != killed, "the node runs again");
        while (next.IsCompleted)
            next = logs.MoveNextAsync().AsTask();
        await UntilSubscribedAsync(node, next);

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task Subscription_ends_at_once_where_no_endpoint_has_a_websocket()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client();
        Assert.Empty(await client.SubscribeLogsAsync(new LogFilter([], AnswerUpdated.Topic), Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Cancelling_ends_a_subscription_that_waits()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client(webSocket: true);
        using CancellationTokenSource stopping = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await client.SubscribeLogsAsync(new LogFilter([], AnswerUpdated.Topic), stopping.Token).ToListAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task Websocket_serves_many_requests_at_once_each_with_its_own_answer()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client(webSocket: true);
        long head = await client.GetBlockNumberAsync(Cancellation);

        BlockHeader?[] blocks = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => client.GetBlockByNumberAsync(index % (head + 1), Cancellation)));

        Assert.All(blocks.Index(), block => Assert.Equal(block.Index % (head + 1), block.Item!.Number));
    }

    [Fact]
    public async Task Requests_over_a_websocket_go_on_after_the_node_comes_back()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client(webSocket: true);
        await client.GetBlockNumberAsync(Cancellation);
        using (Process anvil = Process.GetProcessById(node.Anvil.ProcessId))
            anvil.Kill();

        await Eventually.True(async () =>
        {
            try
            {
                return await client.GetBlockNumberAsync(Cancellation) >= 0;
            }
            catch (EndpointsUnavailableException)
            {
                return false;
            }
        }, "the client reaches the node again");
    }

    [Fact]
    public async Task Logs_of_a_range_come_in_the_order_of_the_chain()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client();
        for (int price = 1; price <= 5; price++)
            await node.Chain.SubmitAsync(price % 2 == 0 ? "ETH-USD" : "BTC-USD", price, Cancellation);

        IReadOnlyList<LogEntry> logs = await client.GetLogsAsync(new LogFilter([], AnswerUpdated.Topic), 0, await client.GetBlockNumberAsync(Cancellation), Cancellation);

        Assert.Equal([1, 2, 3, 4, 5], logs.Select(log => (int)(AnswerUpdated.Decode(log).Current / 100_000_000)));
    }

    [Fact]
    public async Task Block_that_is_not_there_yet_is_null()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client();
        Assert.Null(await client.GetBlockByNumberAsync(1_000, Cancellation));
    }

    /// <summary>When the subscription holds cannot be seen from outside: prices are submitted until one is announced.</summary>
    private static Task UntilSubscribedAsync(TestNode node, Task<bool> next) => Eventually.True(async () =>
    {
        if (!next.IsCompleted)
            await TrySubmitAsync(node);
        return next.IsCompleted;
    }, "a submitted price is announced");

    private static async Task TrySubmitAsync(TestNode node)
    {
        try
        {
            await node.Chain.SubmitAsync("ETH-USD", 1m, Cancellation);
        }
        catch (EthereumException)
        {
            // The node is coming back.
        }
    }

    private static async Task<LogFilter> FilterAsync(EthereumClient client, DemoChain chain, string pair) =>
        new([await new PriceFeed(client, chain.Feeds.Single(feed => feed.Pair == pair).Proxy).GetAggregatorAsync(Cancellation)], AnswerUpdated.Topic);
}
