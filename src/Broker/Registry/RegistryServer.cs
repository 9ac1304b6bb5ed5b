using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Assay.Broker.Internal;
using Assay.Broker.Internal.Security;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Assay.Broker.Registry;

/// <summary>
/// The registry over HTTP: Kestrel alone, without a host, routing or dependency injection, for the sake of start-up and memory. Where the broker has users, they are asked for
/// by basic authentication (RFC 7617); where it has a certificate, this is HTTPS.
/// </summary>
internal sealed class RegistryServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private const string Challenge = "Basic realm=\"SchemaRegistry\"";
    private const int LongestBody = 4 * 1024 * 1024;
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(2);

    private readonly KestrelServer _server;
    private readonly RegistryRoutes _routes;
    private readonly Credentials? _credentials;
    private readonly ILogger _logger;

    private RegistryServer(KestrelServer server, RegistryRoutes routes, Credentials? credentials, ILogger logger)
    {
        _server = server;
        _routes = routes;
        _credentials = credentials;
        _logger = logger;
    }

    public Uri Url { get; private set; } = null!;

    /// <exception cref="BrokerException">The port is taken.</exception>
    public static async Task<RegistryServer> StartAsync(Node node, int port, BrokerSecurity security, CancellationToken ct)
    {
        // Basic authentication shows passwords to whoever sees the bytes.
        IPAddress address = security.Tls is not null ? node.Options.Listen : IPAddress.Loopback;
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = LongestBody;
        options.Limits.MaxConcurrentConnections = node.Options.MaxConnections;
        options.Listen(address, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (security.Tls is not null)
                RegistryTls.Use(listen, security.Tls);
        });
        SocketTransportFactory sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        KestrelServer kestrel = new(Options.Create(options), sockets, NullLoggerFactory.Instance);
        RegistryServer server = new(kestrel, new RegistryRoutes(new SchemaRegistry(new SchemaStore(node)), node.ClusterId), security.Credentials, node.Logger);
        try
        {
            await kestrel.StartAsync(server, ct);
        }
        catch (IOException failure)
        {
            kestrel.Dispose();
            throw new BrokerException($"The schema registry cannot listen on {address}:{port}: {failure.Message} Choose another port, or 0 for any that is free.", failure);
        }
        UriBuilder url = new(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        if (security.Tls is not null)
            (url.Scheme, url.Host) = (Uri.UriSchemeHttps, KafkaBroker.HostName(node.Options));
        server.Url = url.Uri;
        return server;
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        int status = (int)HttpStatusCode.OK;
        string type = MediaTypes.Default;
        JsonNode answer;
        try
        {
            if (!IsAuthorized(context.Request.Headers.Authorization))
                throw RegistryException.Unauthorized();
            type = MediaTypes.Answer(context.Request.Headers.Accept);
            MediaTypes.Check(context.Request.ContentType);
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            IQueryCollection query = context.Request.Query;
            answer = _routes.Answer(new RegistryRequest(
                context.Request.Method,
                [.. RawPath(context).Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)],
                name => query.TryGetValue(name, out var value) ? value.ToString() : null,
                body.ToArray()));
        }
        catch (RegistryException refusal)
        {
            status = refusal.Status;
            answer = new JsonObject { ["error_code"] = refusal.Code, ["message"] = refusal.Message };
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException malformed)
        {
            status = malformed.StatusCode;
            answer = new JsonObject { ["error_code"] = malformed.StatusCode, ["message"] = malformed.Message };
        }
        catch (Exception defect) when (defect is not OperationCanceledException)
        {
            Log.RegistryFailed(_logger, context.Request.Method, context.Request.Path, defect);
            status = (int)HttpStatusCode.InternalServerError;
            answer = new JsonObject { ["error_code"] = 50001, ["message"] = "Error in the backend data store" };
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        if (status == (int)HttpStatusCode.Unauthorized)
            context.Response.Headers.WWWAuthenticate = Challenge;
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(answer.ToJsonString(JsonText.Options));
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource bound = new(CloseBound);
        await _server.StopAsync(bound.Token);
        _server.Dispose();
    }

    private bool IsAuthorized(string? header)
    {
        if (_credentials is null)
            return true;
        if (!AuthenticationHeaderValue.TryParse(header, out AuthenticationHeaderValue? given) || !given.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return false;
        byte[] decoded = new byte[given.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(given.Parameter ?? "", decoded, out int length))
            return false;
        string[] parts = System.Text.Encoding.UTF8.GetString(decoded.AsSpan(0, length)).Split(':', 2);
        return parts.Length == 2 && _credentials.Holds(parts[0], parts[1]);
    }

    /// <summary>The path as it was sent: a subject's name may hold an escaped slash.</summary>
    private static string RawPath(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }
}
