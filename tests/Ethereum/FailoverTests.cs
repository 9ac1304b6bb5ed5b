using Microsoft.Extensions.Logging;

namespace Assay.Ethereum.Tests;

/// <summary>Several endpoints, some of which misbehave over real HTTP.</summary>
public sealed class FailoverTests : IAsyncDisposable
{
    private readonly ScriptedNode _first = new();
    private readonly ScriptedNode _second = new();
    private readonly RecordingLog _log = new();
    private readonly SteppedTime _time = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Connection_that_is_reset_as_it_is_made_is_the_endpoints_failure()
    {
        await using TcpRelay relay = new(target: 1);
        relay.Cut();
        await using Internal.HttpTransport transport = new(new Uri($"http://127.0.0.1:{relay.Port}"), _time);

        // Whether the client still finds the peer's address is a race: many attempts.
        for (int attempt = 0; attempt < 500; attempt++)
            await Assert.ThrowsAsync<Internal.TransportException>(() => transport.SendAsync("eth_blockNumber", [], Cancellation));
    }

    public static TheoryData<string, int, string, string> Breakages => new()
    {
        { "HTTP 503", 503, "gateway", "it answers HTTP 503" },
        { "HTTP 401", 401, "invalid project id", "it answers HTTP 401" },
        { "HTTP 429", 429, "", "it limits the rate (HTTP 429)" },
        { "a page", 200, "<html>maintenance</html>", "its answer is not JSON" },
        { "an array", 200, "[]", "its answer is a JSON Array, not JSON-RPC 2.0" },
        { "an empty object", 200, "{}", "its answer is JSON with neither result nor error, not JSON-RPC 2.0" },
        { "another's answer", 200, """{"jsonrpc":"2.0","id":999,"result":"0x1"}""", "its answer belongs to another request" },
        { "-32005", 200, """{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"daily request count exceeded, request rate limited"}}""", "it limits the rate" },
    };

    [Theory]
    [MemberData(nameof(Breakages))]
    public async Task Next_endpoint_serves_while_one_answers_with(string what, int status, string body, string reason)
    {
        _first.Break = () => (status, body, null);
        await using EthereumClient client = Client();

        Assert.Equal(0x7b, await client.GetBlockNumberAsync(Cancellation));

        Assert.Contains(reason, Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task Next_endpoint_serves_while_one_is_silent()
    {
        _first.Silent = true;
        await using EthereumClient client = Client(TimeSpan.FromMilliseconds(300), TimeProvider.System);

        Assert.Equal(0x7b, await client.GetBlockNumberAsync(Cancellation));

        Assert.Contains("no answer within 0.3 s", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_endpoint_serves_while_one_refuses_connections()
    {
        await _first.DisposeAsync();
        await using EthereumClient client = Client();

        Assert.Equal(0x7b, await client.GetBlockNumberAsync(Cancellation));

        Assert.Contains("it does not accept connections", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_of_another_chain_is_refused_with_a_sentence_and_never_asked_again()
    {
        _first.ChainId = "0x5";
        await using EthereumClient client = Client();

        for (int call = 0; call < 3; call++)
        {
            Assert.Equal(0x7b, await client.GetBlockNumberAsync(Cancellation));
            _time.Advance(TimeSpan.FromMinutes(10));
        }

        LogLine line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains("it serves chain 5, not 1", line.Text, StringComparison.Ordinal);
        Assert.Equal(["eth_chainId"], _first.Calls);
    }

    [Fact]
    public async Task Chain_whose_endpoints_all_serve_another_chain_is_a_mistake_to_mend()
    {
        _first.ChainId = _second.ChainId = "0x5";
        await using EthereumClient client = Client();

        WrongChainException failure = await Assert.ThrowsAsync<WrongChainException>(() => client.GetBlockNumberAsync(Cancellation));

        Assert.Contains("serves chain id 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_own_refusal_is_an_answer()
    {
        _first.Answer = (_, _) => throw new RpcErrorException(3, "execution reverted: No data present");
        await using EthereumClient client = Client();

        RpcResponseException refusal = await Assert.ThrowsAsync<RpcResponseException>(() => client.CallAsync("0x" + new string('0', 40), [], null, Cancellation));

        Assert.Equal((3, "execution reverted: No data present"), (refusal.Code, refusal.Reason));
        Assert.Empty(_second.Calls);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Failing_endpoint_rests_longer_and_longer()
    {
        _first.Break = _second.Break = () => (500, "", null);
        await using EthereumClient client = Client();
        int attempts = 0;
        // A caller that asks each 0.1 s for a minute.
        for (int call = 0; call < 600; call++)
        {
            await Assert.ThrowsAsync<EndpointsUnavailableException>(() => client.GetBlockNumberAsync(Cancellation));
            _time.Advance(TimeSpan.FromMilliseconds(100));
            attempts = _first.Calls.Count;
        }
        // 0.5 s × (1 + 2 + 4 + … + 32) is about half a minute, then one in 30 s.
        Assert.InRange(attempts, 5, 12);
    }

    [Fact]
    public async Task Endpoint_that_asks_for_a_pause_gets_it()
    {
        _first.Break = () => (429, "", "60");
        await using EthereumClient client = Client();
        await client.GetBlockNumberAsync(Cancellation);
        int calls = _first.Calls.Count;

        _time.Advance(TimeSpan.FromSeconds(59));
        await client.GetBlockNumberAsync(Cancellation);
        Assert.Equal(calls, _first.Calls.Count);

        _time.Advance(TimeSpan.FromSeconds(2));
        await client.GetBlockNumberAsync(Cancellation);
        await Eventually.True(() => _first.Calls.Count > calls, "it is probed after its pause");
    }

    [Fact]
    public async Task Healed_endpoint_gets_its_place_back_and_both_turns_are_said_once()
    {
        _first.Break = () => (500, "", null);
        await using EthereumClient client = Client();
        for (int call = 0; call < 20; call++)
        {
            await client.GetBlockNumberAsync(Cancellation);
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        _first.Break = null;

        await Eventually.True(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            int served = _second.Count("eth_blockNumber");
            await client.GetBlockNumberAsync(Cancellation);
            return _second.Count("eth_blockNumber") == served;
        }, "the preferred endpoint serves again");

        Assert.Equal([3001, 3002], _log.Lines.Select(line => line.Id));
    }

    [Fact]
    public async Task Keys_in_urls_show_in_no_message()
    {
        _first.Break = _second.Break = () => (500, "secret-key", null);
        await using EthereumClient client = Client();

        EndpointsUnavailableException failure = await Assert.ThrowsAsync<EndpointsUnavailableException>(() => client.GetBlockNumberAsync(Cancellation));

        string everything = failure + string.Concat(_log.Lines.Select(line => line.Text));
        Assert.Contains(_first.Uri.Authority, everything, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key", everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_request_is_no_failure_of_the_endpoint()
    {
        _first.Silent = true;
        await using EthereumClient client = Client(TimeSpan.FromSeconds(30), TimeProvider.System);
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetBlockNumberAsync(cancelled.Token));

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Never_more_requests_than_allowed_are_under_way_at_one_endpoint()
    {
        int underWay = 0, most = 0;
        using SemaphoreSlim gate = new(0);
        _first.Answer = (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref underWay));
            Thread.SpinWait(20_000);
            Interlocked.Decrement(ref underWay);
            return "0x1";
        };
        await using EthereumClient client = new(
            new EthereumClientOptions { Name = "test", ChainId = 1, Endpoints = [_first.Uri], MaxPending = 2 }, _log, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => client.GetBlockNumberAsync(Cancellation))));

        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public void Endpoint_with_an_unknown_scheme_is_refused_without_showing_it()
    {
        EthereumException failure = Assert.Throws<EthereumException>(
            () => new EthereumClient(new EthereumClientOptions { Name = "test", ChainId = 1, Endpoints = [new Uri("ftp://secret-key@host/")] }, _log, _time));
        Assert.Equal("Chain test has an endpoint whose URL does not start with http://, https://, ws:// or wss://.", failure.Message);
    }

    private EthereumClient Client(TimeSpan? timeout = null, TimeProvider? time = null) => new(
        new EthereumClientOptions { Name = "test", ChainId = 1, Endpoints = [_first.Uri, _second.Uri], RequestTimeout = timeout ?? TimeSpan.FromSeconds(10) }, _log, time ?? _time);
}
