using System.Globalization;
using System.Net;
using System.Text;
using Assay.Demo.Market.Internal;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Assay.Demo.Market;

/// <summary>
/// The simulated price APIs on a loopback port: CoinGecko's <c>/api/v3/simple/price</c> and Coinpaprika's <c>/v1/tickers/{id}</c>
/// with their shapes, caches and rate limits. Whoever wants a price of it asks over TCP.
/// </summary>
/// <remarks>Kestrel without a host: a host would take the process's signals for its own.</remarks>
public sealed class MarketServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(2);

    private readonly KestrelServer _kestrel;
    private readonly ResponseJournal _journal;
    private readonly CachedApi[] _apis;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private MarketServer(MarketServerOptions options, SimulatedMarket market, TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _log = loggers.CreateLogger<MarketServer>();
        _apis = [new CoinGecko(options.CoinGecko, market, time), new Coinpaprika(options.Coinpaprika, market, time)];
        _journal = new(options.JournalFile);
        KestrelServerOptions kestrel = new() { AddServerHeader = false };
        kestrel.Listen(IPAddress.Loopback, options.Port);
        _kestrel = new(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    /// <summary>Where the APIs' paths begin, e.g. <c>http://127.0.0.1:38011/</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The share of requests that is answered 503, from 0 (none, as it starts) to 1 (an outage).</summary>
    public double ServerErrorRate { get; set; }

    /// <summary>What has been served, oldest first: the newest 20,000 responses.</summary>
    public IReadOnlyList<ServedResponse> Journal => _journal.Snapshot();

    /// <summary>Listens on return.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<MarketServer> StartAsync(
        MarketServerOptions options, SimulatedMarket market, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation)
    {
        MarketServer server = new(options, market, time, loggers);
        try
        {
            await server._kestrel.StartAsync(server, cancellation);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        server.Url = new(server._kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource bound = new(StopBound, _time);
        await _kestrel.StopAsync(bound.Token);
        _kestrel.Dispose();
        _journal.Dispose();
    }

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
        // The context owns nothing: its features are the connection's.
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        ApiAnswer answer = Answer(context);
        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json; charset=utf-8";
        if (answer is { Age: { } age, MaxAge: { } maxAge })
        {
            response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={Math.Ceiling(maxAge.TotalSeconds)}");
            response.Headers.Age = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        if (answer.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        byte[] body = Encoding.UTF8.GetBytes(answer.Body);
        response.ContentLength = body.Length;

        string path = context.Request.Path + context.Request.QueryString;
        _journal.Add(new(_time.GetUtcNow().UtcDateTime, path, answer.Status, answer.Body));
        MarketLog.Served(_log, answer.Status, path);
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private ApiAnswer Answer(HttpContext context)
    {
        if (context.Request.Method != HttpMethods.Get)
            return new(405, """{"error":"only GET is served"}""");
        if (Random.Shared.NextDouble() < ServerErrorRate)
            return new(503, """{"error":"the service is unavailable"}""");
        ApiRequest request = new(
            context.Request.Path.Value ?? "/", context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()), _time.GetUtcNow());
        IPAddress client = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return _apis.Select(api => api.Answer(request, client)).FirstOrDefault(answer => answer is not null) ?? new(404, """{"error":"no such path"}""");
    }
}
