using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Assay.Ethereum.Internal;

/// <summary>One POST per request over pooled connections.</summary>
internal sealed class HttpTransport : IRpcTransport
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private readonly HttpClient _client;
    private readonly Uri _endpoint;
    private readonly TimeProvider _time;
    private long _lastId;

    public HttpTransport(Uri endpoint, TimeProvider time)
    {
        // A name may come to mean another machine: connections are renewed.
        SocketsHttpHandler handler = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = DecompressionMethods.All };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = RpcMessage.MaxResponseBytes };
        if (endpoint.UserInfo.Length > 0)
        {
            string credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(endpoint.UserInfo)));
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        }
        _endpoint = endpoint;
        _time = time;
    }

    public async Task<JsonElement> SendAsync(string method, JsonArray parameters, CancellationToken cancellationToken)
    {
        long id = Interlocked.Increment(ref _lastId);
        using ByteArrayContent content = new(RpcMessage.Request(id, method, parameters));
        content.Headers.ContentType = Json;
        try
        {
            using HttpResponseMessage response = await _client.PostAsync(_endpoint, content, cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                throw new TransportException(TransportFailure.RateLimited, "it limits the rate (HTTP 429)", RetryAfter(response));
            // Nodes send JSON-RPC errors with statuses of all kinds; what is no JSON-RPC is told by its status.
            if (!response.IsSuccessStatusCode && !LooksLikeRpc(body))
                throw new TransportException(TransportFailure.Unreachable, $"it answers HTTP {(int)response.StatusCode}", RetryAfter(response));
            JsonElement message = RpcMessage.Parse(body);
            // An error that the node could not attribute to a request carries a null id.
            if (RpcMessage.Id(message) is { } answered && answered != id)
                throw new TransportException(TransportFailure.BadResponse, "its answer belongs to another request");
            return RpcMessage.Result(message, method);
        }
        catch (HttpRequestException cause)
        {
            throw new TransportException(TransportFailure.Unreachable, WhyUnreachable(cause), cause: cause);
        }
        catch (SocketException cause)
        {
            // .NET lets one through: it asks for the peer's address, and the connection has been reset since it was made.
            throw new TransportException(TransportFailure.Unreachable, "the connection broke", cause: cause);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool LooksLikeRpc(byte[] body) => body.AsSpan().IndexOf("\"jsonrpc\""u8) >= 0;

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    /// <summary>The client's own words may repeat host and path; the kind of failure does not.</summary>
    private static string WhyUnreachable(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => "it does not accept connections",
        HttpRequestError.NameResolutionError => "its name cannot be resolved",
        HttpRequestError.SecureConnectionError => "no secure connection comes about",
        HttpRequestError.ConfigurationLimitExceeded => "its answer is too long",
        HttpRequestError error => $"the connection failed ({error})",
    };
}
