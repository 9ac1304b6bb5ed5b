using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Assay.Ingest.Apis.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Ingest.Apis;

/// <summary>The fetcher against servers that misbehave, over real sockets.</summary>
public sealed class FetcherTests
{
    private static readonly string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_response_arrives_as_it_was_sent()
    {
        await using RawServer server = new(RawServer.Response(200, """{"price":1}"""));
        Fetched fetched = Assert.IsType<Fetched>(await FetchAsync(server));
        Assert.Equal("""{"price":1}""", Encoding.UTF8.GetString(fetched.Body));
    }

    [Fact]
    public async Task Request_says_who_asks_and_carries_the_configured_headers()
    {
        string head = "";
        await using RawServer server = new(async (received, stream, cancellation) =>
        {
            head = received;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(RawServer.Response(200, "{}")), cancellation);
        });

        await FetchAsync(server, source => source with { Headers = new Dictionary<string, string> { ["x-key"] = "abc" } });

        Assert.StartsWith("GET /price HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-key: abc\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nUser-Agent: assay/0.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nAccept: application/json\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nAccept-Encoding: gzip", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compressed_response_is_unpacked()
    {
        byte[] packed = Gzip("""{"price":1}"""u8.ToArray());
        await using RawServer server = new(async (_, stream, cancellation) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), cancellation);
            await stream.WriteAsync(packed, cancellation);
        });
        Assert.Equal("""{"price":1}""", Encoding.UTF8.GetString(Assert.IsType<Fetched>(await FetchAsync(server)).Body));
    }

    [Theory]
    [InlineData(429, FailureReason.RateLimited)]
    [InlineData(500, FailureReason.ServerError)]
    [InlineData(503, FailureReason.ServerError)]
    [InlineData(204, FailureReason.Refused)]
    [InlineData(401, FailureReason.Refused)]
    [InlineData(404, FailureReason.Refused)]
    public async Task Status_other_than_200_is_a_failure_of_its_own_kind(int status, string reason)
    {
        await using RawServer server = new(RawServer.Response(status, ""));
        NotFetched failed = Assert.IsType<NotFetched>(await FetchAsync(server));
        Assert.Equal(reason, failed.Reason);
        Assert.Null(failed.RetryAfter);
    }

    [Theory]
    [InlineData("Retry-After: 119", 119)]
    [InlineData("Retry-After: 0", 0)]
    [InlineData("Retry-After: Sun, 01 Mar 2026 12:00:45 GMT", 45)]
    [InlineData("Retry-After: Sun, 01 Mar 2026 11:00:00 GMT", 0)]
    [InlineData("Retry-After: later", null)]
    [InlineData("Retry-After: -5", null)]
    [InlineData("Retry-After: 99999999999999999999", null)]
    public async Task Retry_after_is_read_in_both_forms(string header, int? seconds)
    {
        await using RawServer server = new(RawServer.Response(429, "", header + "\r\n"));
        NotFetched failed = Assert.IsType<NotFetched>(await FetchAsync(server, time: new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))));
        Assert.Equal(seconds, failed.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Redirection_is_named_but_not_followed()
    {
        await using RawServer server = new(RawServer.Response(301, "", "Location: https://other.example/price?key=abc\r\n"));
        NotFetched failed = Assert.IsType<NotFetched>(await FetchAsync(server));
        Assert.Equal(FailureReason.Redirected, failed.Reason);
        Assert.Contains("moved to https://other.example;", failed.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Response_that_drips_is_given_up_at_the_timeout()
    {
        await using RawServer server = new(async (_, stream, cancellation) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), cancellation);
            while (true)
            {
                await stream.WriteAsync(" "u8.ToArray(), cancellation);
                await Task.Delay(10, cancellation);
            }
        });
        Stopwatch elapsed = Stopwatch.StartNew();
        NotFetched failed = Assert.IsType<NotFetched>(await FetchAsync(server, source => source with { Timeout = TimeSpan.FromMilliseconds(300) }));

        Assert.Equal((FailureReason.TimedOut, "no whole response within 0.3 s"), (failed.Reason, failed.Detail));
        Assert.InRange(elapsed.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"price\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"price\":")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")]
    public async Task Response_that_breaks_off_or_cannot_be_unpacked_is_interrupted(string response)
    {
        await using RawServer server = new(response);
        Assert.Equal(FailureReason.Interrupted, Assert.IsType<NotFetched>(await FetchAsync(server)).Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 200")]
    public async Task Server_that_speaks_something_else_is_unreachable(string response)
    {
        await using RawServer server = new(response);
        Assert.Equal(FailureReason.Unreachable, Assert.IsType<NotFetched>(await FetchAsync(server)).Reason);
    }

    [Fact]
    public async Task Port_that_nobody_listens_on_is_unreachable()
    {
        string url = $"http://127.0.0.1:{FreePort.Next()}/";
        Assert.Equal(FailureReason.Unreachable, Assert.IsType<NotFetched>(await FetchAsync(Sources.Single(url), TimeProvider.System)).Reason);
    }

    [Fact]
    public async Task Announced_size_beyond_the_bound_is_refused_unread()
    {
        await using RawServer server = new($"HTTP/1.1 200 OK\r\nContent-Length: {Fetcher.MaxResponseBytes + 1}\r\n\r\n");
        Assert.Equal(FailureReason.TooLarge, Assert.IsType<NotFetched>(await FetchAsync(server)).Reason);
    }

    [Fact]
    public async Task Endless_response_is_cut_off_at_the_bound()
    {
        long sent = 0;
        await using RawServer server = new(async (_, stream, cancellation) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Chunked), cancellation);
            byte[] chunk = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
            while (true)
            {
                await stream.WriteAsync(chunk, cancellation);
                Interlocked.Add(ref sent, chunk.Length);
            }
        });

        Assert.Equal(FailureReason.TooLarge, Assert.IsType<NotFetched>(await FetchAsync(server)).Reason);
        Assert.InRange(Interlocked.Read(ref sent), 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Small_response_that_unpacks_to_gigabytes_is_cut_off_at_the_bound()
    {
        byte[] packed = Gzip(new byte[64 * 1024 * 1024]);
        await using RawServer server = new(async (_, stream, cancellation) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), cancellation);
            await stream.WriteAsync(packed, cancellation);
        });
        Assert.Equal(FailureReason.TooLarge, Assert.IsType<NotFetched>(await FetchAsync(server)).Reason);
    }

    [Fact]
    public async Task Cancelled_request_ends_at_once()
    {
        using CancellationTokenSource stop = new();
        await using RawServer server = new(async (_, _, cancellation) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation);
        });
        using Fetcher fetcher = new(Fetcher.DefaultHandler(), owned: true, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetcher.FetchAsync(Compiled(Sources.Single(server.Url)), stop.Token));
    }

    private static Task<FetchOutcome> FetchAsync(RawServer server, Func<SourceOptions, SourceOptions>? change = null, TimeProvider? time = null)
    {
        SourceOptions source = Sources.Single(server.Url);
        return FetchAsync(change is null ? source : change(source), time ?? TimeProvider.System);
    }

    private static async Task<FetchOutcome> FetchAsync(SourceOptions source, TimeProvider time)
    {
        using Fetcher fetcher = new(Fetcher.DefaultHandler(), owned: true, time);
        return await fetcher.FetchAsync(Compiled(source), Cancellation);
    }

    private static SourceRequest Compiled(SourceOptions source) => RequestCompiler.Compile([source]).Single().Single();

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }
}
