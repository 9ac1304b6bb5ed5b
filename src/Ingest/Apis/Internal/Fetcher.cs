using System.Net;
using System.Net.Http.Headers;

namespace Assay.Ingest.Apis.Internal;

/// <summary>What became of one request.</summary>
internal abstract record FetchOutcome;

/// <param name="At">When the last byte had arrived.</param>
internal sealed record Fetched(byte[] Body, DateTimeOffset At) : FetchOutcome;

/// <param name="Reason">One of <see cref="FailureReason"/>.</param>
/// <param name="Detail">A sentence's end that says what happened.</param>
/// <param name="RetryAfter">How long the server asks to be left alone; null where it does not say.</param>
internal sealed record NotFetched(string Reason, string Detail, TimeSpan? RetryAfter = null) : FetchOutcome;

/// <summary>The countable causes for which a request brings no response to read.</summary>
internal static class FailureReason
{
    public const string TimedOut = "timed-out";
    public const string RateLimited = "rate-limited";
    public const string ServerError = "server-error";
    public const string Refused = "refused";
    public const string Redirected = "redirected";
    public const string Unreachable = "unreachable";
    public const string Interrupted = "interrupted";
    public const string TooLarge = "too-large";
}

/// <summary>Sends requests and reads responses, both bounded in time and size; whatever goes wrong is an outcome, not an exception.</summary>
internal sealed class Fetcher(HttpMessageHandler handler, bool owned, TimeProvider time) : IDisposable
{
    /// <summary>A quote carries its whole response, and Kafka takes a megabyte a record.</summary>
    public const int MaxResponseBytes = 512 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http = new(handler, disposeHandler: owned);

    /// <summary>The handler for the open internet: HTTP/1.1 and 2, compressed, connections renewed so that a moved name is noticed.</summary>
    public static SocketsHttpHandler DefaultHandler() => new()
    {
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        // Followed blindly, a redirection would carry the headers' secrets to another host.
        AllowAutoRedirect = false,
        UseCookies = false,
    };

    public async Task<FetchOutcome> FetchAsync(SourceRequest request, CancellationToken cancellation)
    {
        using CancellationTokenSource timeout = new(request.Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using HttpRequestMessage message = Message(request);
            using HttpResponseMessage response = await _http.SendAsync(message, either.Token);
            return Refusal(response) ?? await ReadAsync(response, either.Token);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception) when (timeout.IsCancellationRequested)
        {
            return new NotFetched(FailureReason.TimedOut, $"no whole response within {request.Timeout.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException failure)
        {
            return new NotFetched(FailureReason.Unreachable, failure.InnerException is { } inner ? $"{failure.Message} {inner.Message}" : failure.Message);
        }
        catch (OperationCanceledException)
        {
            return new NotFetched(FailureReason.Unreachable, $"no connection within {ConnectTimeout.TotalSeconds:0} s");
        }
        catch (Exception failure)
        {
            // Streams and decompressors have their own exceptions each for a response that ends early or is garbled.
            return new NotFetched(FailureReason.Interrupted, $"the response broke off: {failure.Message}");
        }
    }

    private static HttpRequestMessage Message(SourceRequest request)
    {
        HttpRequestMessage message = new(HttpMethod.Get, request.Url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        foreach ((string name, string value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        if (message.Headers.Accept.Count == 0)
            message.Headers.Accept.Add(new("application/json"));
        // CoinGecko answers 403 to whoever does not say who he is.
        if (message.Headers.UserAgent.Count == 0)
            message.Headers.UserAgent.Add(new("assay", "0.1"));
        return message;
    }

    private NotFetched? Refusal(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        string said = response.ReasonPhrase is { Length: > 0 } phrase ? $"the server answered {status} {phrase}" : $"the server answered {status}";
        TimeSpan? retryAfter = RetryAfter(response.Headers.RetryAfter);
        return status switch
        {
            200 => null,
            429 => new(FailureReason.RateLimited, said, retryAfter),
            >= 500 => new(FailureReason.ServerError, said, retryAfter),
            >= 300 and < 400 => new(FailureReason.Redirected, $"{said}, moved {Target(response.Headers.Location)}; put the new address into the source's url"),
            _ => new(FailureReason.Refused, said, retryAfter),
        };
    }

    /// <summary>Host only: the rest may repeat a secret of the query.</summary>
    private static string Target(Uri? location) => location is { IsAbsoluteUri: true } ? $"to {location.GetLeftPart(UriPartial.Authority)}" : "within the same host";

    /// <summary>RFC 9110, section 10.2.3: seconds, or the date until which to wait.</summary>
    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date - time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private async Task<FetchOutcome> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        NotFetched tooLarge = new(FailureReason.TooLarge, $"the response is larger than {MaxResponseBytes / 1024} KiB");
        if (response.Content.Headers.ContentLength > MaxResponseBytes)
            return tooLarge;
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        using MemoryStream body = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (body.Length + read > MaxResponseBytes)
                return tooLarge;
            body.Write(buffer, 0, read);
        }
        return new Fetched(body.ToArray(), time.GetUtcNow());
    }

    public void Dispose() => _http.Dispose();
}
