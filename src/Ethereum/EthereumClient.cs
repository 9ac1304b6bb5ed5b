using System.Text.Json;
using System.Text.Json.Nodes;
using Assay.Ethereum.Internal;
using Microsoft.Extensions.Logging;

namespace Assay.Ethereum;

/// <summary>
/// A chain behind one or several JSON-RPC endpoints. A request goes to the healthiest one (fewest failures in a row, then order of preference) and on to the next while
/// one gives no usable answer; a node's own refusal is an answer. Rested endpoints are probed beside the requests and get their place back.
/// Its counters are in the meter <c>Assay.Ethereum</c>.
/// </summary>
public sealed partial class EthereumClient : IAsyncDisposable
{
    private readonly EthereumClientOptions _options;
    private readonly Endpoint[] _endpoints;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _disposing = new();
    private volatile Task _probing = Task.CompletedTask;

    /// <exception cref="EthereumException">No endpoint, or one whose URL is neither http nor ws.</exception>
    public EthereumClient(EthereumClientOptions options, ILogger logger, TimeProvider time)
    {
        if (options.Endpoints.Count == 0)
            throw new EthereumException($"Chain {options.Name} has no endpoint; give it at least one http(s):// or ws(s):// URL.");
        if (options.Endpoints.FirstOrDefault(uri => !uri.IsAbsoluteUri || uri.Scheme is not ("http" or "https" or "ws" or "wss")) is not null)
            throw new EthereumException($"Chain {options.Name} has an endpoint whose URL does not start with http://, https://, ws:// or wss://.");
        _options = options;
        _logger = logger;
        _time = time;
        _endpoints = [.. options.Endpoints.Select(uri => new Endpoint(uri, options, logger, time))];
    }

    /// <summary>Sends one request to the first endpoint that serves.</summary>
    /// <param name="method">E.g. <c>eth_blockNumber</c>. Sent again to another endpoint when an answer fails to come: for reads, or a single endpoint.</param>
    /// <returns>The response's result.</returns>
    /// <exception cref="RpcResponseException">The node answered with an error.</exception>
    /// <exception cref="EndpointsUnavailableException">No endpoint serves now.</exception>
    /// <exception cref="WrongChainException">All endpoints serve another chain.</exception>
    public async Task<JsonElement> SendAsync(string method, JsonArray parameters, CancellationToken cancellationToken)
    {
        Endpoint[] candidates = Candidates(_endpoints);
        ProbeRested(candidates);
        foreach (Endpoint endpoint in candidates)
        {
            try
            {
                return await endpoint.SendAsync(method, parameters, cancellationToken);
            }
            catch (TransportException)
            {
                // Marked and logged; the next one serves.
            }
        }
        throw Unavailable();
    }

    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync();
        await _probing;
        foreach (Endpoint endpoint in _endpoints)
            await endpoint.DisposeAsync();
        _disposing.Dispose();
    }

    private static Endpoint[] Candidates(IEnumerable<Endpoint> endpoints) => [.. endpoints.Where(endpoint => endpoint.IsReady).OrderBy(endpoint => endpoint.Failures)];

    /// <summary>While a healthy endpoint serves, those that failed would never be asked again.</summary>
    private void ProbeRested(Endpoint[] candidates)
    {
        if (candidates.Length > 1 && candidates[0].Failures == 0 && candidates[^1].Failures > 0 && _probing.IsCompleted)
            _probing = Task.WhenAll(candidates.Where(endpoint => endpoint.Failures > 0).Select(endpoint => endpoint.ProbeAsync(_disposing.Token)));
    }

    private EthereumException Unavailable()
    {
        string reasons = string.Join("; ", _endpoints.Select(endpoint => $"{endpoint.Name}: {endpoint.LastFailure}"));
        if (_endpoints.All(endpoint => endpoint.Refused))
            return new WrongChainException($"No endpoint of chain {_options.Name} serves chain id {_options.ChainId} ({reasons}); correct the endpoints or the chain id.");
        TimeSpan retryAfter = _endpoints.Where(endpoint => !endpoint.Refused).Min(endpoint => endpoint.RetryAt) - _time.GetUtcNow();
        return new EndpointsUnavailableException(
            $"No endpoint of chain {_options.Name} serves at the moment ({reasons}); it is tried again later.", retryAfter > TimeSpan.Zero ? retryAfter : TimeSpan.Zero);
    }
}
