using System.Globalization;
using System.Text.Json.Nodes;
using Assay.Ethereum.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Ethereum.Tests;

public sealed class LogRangesTests : IAsyncDisposable
{
    private readonly ScriptedNode _node = new();
    private readonly EthereumClient _client;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public LogRangesTests() =>
        _client = new EthereumClient(new EthereumClientOptions { Name = "test", ChainId = 1, Endpoints = [_node.Uri] }, NullLogger.Instance, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Ranges_shrink_to_what_the_node_accepts_and_every_block_is_read_once()
    {
        _node.Answer = (_, parameters) => Span(parameters) is var (from, to) && to - from + 1 > 130
            ? throw new RpcErrorException(-32005, "query returned more than 10000 results")
            : Logs(from, to);

        List<LogRange> ranges = await ReadAsync(new LogRanges(_client, 1_000), 10, 2_009);

        Assert.Equal(Enumerable.Range(10, 2_000).Select(block => (long)block), ranges.SelectMany(range => range.Logs).Select(log => log.BlockNumber));
        Assert.All(ranges, range => Assert.InRange(range.ToBlock - range.FromBlock + 1, 1, 130));
        Assert.Equal((10, 2_009), (ranges[0].FromBlock, ranges[^1].ToBlock));
    }

    [Fact]
    public async Task Ranges_grow_again_once_the_node_accepts_more()
    {
        int refusals = 3;
        _node.Answer = (_, parameters) => refusals-- > 0 ? throw new RpcErrorException(-32000, "block range is too wide") : Logs(Span(parameters));
        LogRanges ranges = new(_client, 64);

        List<LogRange> read = await ReadAsync(ranges, 0, 999);

        Assert.Equal(8, read[0].ToBlock - read[0].FromBlock + 1);
        Assert.Equal(64, read.Max(range => range.ToBlock - range.FromBlock + 1));
    }

    [Fact]
    public async Task Single_block_that_is_refused_is_an_error()
    {
        _node.Answer = (_, _) => throw new RpcErrorException(-32000, "query exceeds max results");
        await Assert.ThrowsAsync<RpcResponseException>(() => ReadAsync(new LogRanges(_client, 1_000), 0, 999));
    }

    [Fact]
    public async Task Empty_stretch_asks_nothing()
    {
        Assert.Empty(await ReadAsync(new LogRanges(_client, 1_000), 5, 4));
        Assert.Empty(_node.Calls);
    }

    /// <summary>The words of real providers.</summary>
    [Theory]
    [InlineData(-32005, "query returned more than 10000 results. Try with this block range [0x1, 0x2].", "range")]
    [InlineData(-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range", "range")]
    [InlineData(-32614, "eth_getLogs is limited to a 10,000 range", "range")]
    [InlineData(-32000, "exceed maximum block range: 50000", "range")]
    [InlineData(35, "ranges over 10000 blocks are not supported on freetier", "range")]
    [InlineData(-32000, "query timeout exceeded", "range")]
    [InlineData(-32005, "daily request count exceeded, request rate limited", "rate")]
    [InlineData(429, "Your app has exceeded its compute units per second capacity.", "rate")]
    [InlineData(-32007, "50/second request limit reached - reduce calls per second", "rate")]
    [InlineData(-32005, "limit exceeded", "rate")]
    [InlineData(-32000, "execution reverted", "other")]
    [InlineData(-32601, "the method eth_getLogs does not exist/is not available", "other")]
    public void Refusals_are_told_apart_by_their_words(int code, string reason, string kind)
    {
        RpcResponseException refusal = new("eth_getLogs", code, reason);
        Assert.Equal(kind, Refusal.IsRateLimit(refusal) ? "rate" : Refusal.IsRangeTooLarge(refusal) ? "range" : "other");
    }

    private static async Task<List<LogRange>> ReadAsync(LogRanges ranges, long from, long to) =>
        await ranges.ReadAsync(new LogFilter(["0x" + new string('1', 40)], AnswerUpdated.Topic), from, to, Cancellation).ToListAsync(Cancellation);

    private static (long From, long To) Span(JsonArray parameters) => (Number(parameters[0]!["fromBlock"]!), Number(parameters[0]!["toBlock"]!));

    private static long Number(JsonNode quantity) => long.Parse(quantity.GetValue<string>().AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static JsonArray Logs((long From, long To) span) => Logs(span.From, span.To);

    /// <summary>One log in each block, newest first: a node promises no order.</summary>
    private static JsonArray Logs(long from, long to) => new([.. Enumerable.Range(0, (int)(to - from + 1)).Select(back => (JsonNode)new JsonObject
    {
        ["address"] = "0x" + new string('1', 40),
        ["topics"] = new JsonArray(),
        ["data"] = "0x",
        ["blockNumber"] = Hex.Quantity(to - back),
        ["blockHash"] = "0x" + new string('2', 64),
        ["transactionHash"] = "0x" + new string('3', 64),
        ["transactionIndex"] = "0x0",
        ["logIndex"] = "0x0",
    })]);
}
