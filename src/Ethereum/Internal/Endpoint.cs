using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Assay.Ethereum.Internal;

/// <summary>
/// One address of a chain and its health. It is asked for its chain id before it serves anything, again after each failure; one that serves another chain is
/// refused for good. After the n-th failure in a row it rests 0.5 s × 2ⁿ (with jitter, at most 30 s), or as long as it asks itself. An outage is logged when it begins
/// and when it ends.
/// </summary>
internal sealed class Endpoint : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPauseAsked = TimeSpan.FromMinutes(5);

    private readonly EthereumClientOptions _chain;
    private readonly IRpcTransport _transport;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots;
    private readonly Lock _health = new();
    private volatile bool _verified;
    private DateTimeOffset _failingSince;
    private int _probing;

    public Endpoint(Uri uri, EthereumClientOptions chain, ILogger logger, TimeProvider time)
    {
        Name = uri.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port, UriFormat.UriEscaped);
        _transport = uri.Scheme is "ws" or "wss" ? new WebSocketTransport(uri) : new HttpTransport(uri, time);
        _chain = chain;
        _logger = logger;
        _time = time;
        _slots = new SemaphoreSlim(chain.MaxPending);
    }

    /// <summary>Scheme, host and port: nothing that could be a secret.</summary>
    public string Name { get; }
    public bool Subscribes => _transport is WebSocketTransport;
    /// <summary>It serves another chain.</summary>
    public bool Refused { get; private set; }
    public int Failures { get; private set; }
    public DateTimeOffset RetryAt { get; private set; }
    /// <summary>Why it failed last; completes a sentence.</summary>
    public string LastFailure { get; private set; } = "";

    public bool IsReady => !Refused && (Failures == 0 || RetryAt <= _time.GetUtcNow());

    /// <exception cref="TransportException">It does not serve; its health has been marked.</exception>
    /// <exception cref="RpcResponseException">The node answered with an error.</exception>
    public Task<JsonElement> SendAsync(string method, JsonArray parameters, CancellationToken cancellationToken) =>
        AttemptAsync(bounded => _transport.SendAsync(method, parameters, bounded), cancellationToken);

    /// <inheritdoc cref="WebSocketTransport.SubscribeAsync"/>
    public Task<Func<CancellationToken, Task>> SubscribeAsync(JsonArray parameters, ChannelWriter<JsonElement> notifications, CancellationToken cancellationToken) =>
        AttemptAsync(bounded => ((WebSocketTransport)_transport).SubscribeAsync(parameters, notifications, bounded), cancellationToken);

    /// <summary>Asks a rested endpoint whether it serves again, so that no request has to find out; one probe at a time.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _probing, 1) != 0)
            return;
        try
        {
            await AttemptAsync(bounded => _transport.SendAsync("eth_blockNumber", [], bounded), cancellationToken);
        }
        catch (Exception failure) when (failure is TransportException or RpcResponseException or OperationCanceledException or ObjectDisposedException)
        {
            // Its health has been marked.
        }
        finally
        {
            Volatile.Write(ref _probing, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _slots.Dispose();
    }

    private async Task<T> AttemptAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        using CancellationTokenSource bound = new(_chain.RequestTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        Instruments.Requests.Add(1, new KeyValuePair<string, object?>("endpoint", Name));
        try
        {
            await _slots.WaitAsync(either.Token);
            try
            {
                if (!_verified)
                    await VerifyAsync(either.Token);
                T result = await attempt(either.Token);
                Heal();
                return result;
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fail(new TransportException(TransportFailure.TimedOut, $"no answer within {_chain.RequestTimeout.TotalSeconds:0.#} s"));
        }
        catch (TransportException failure)
        {
            throw Fail(failure);
        }
        catch (RpcResponseException)
        {
            Heal();
            throw;
        }
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        long found;
        try
        {
            found = Hex.ParseQuantity(await _transport.SendAsync("eth_chainId", [], cancellationToken), "The chain id");
        }
        catch (EthereumException failure)
        {
            throw new TransportException(TransportFailure.BadResponse, "it does not tell its chain id", cause: failure);
        }
        if (found != _chain.ChainId)
            throw new TransportException(TransportFailure.WrongChain, $"it serves chain {found}, not {_chain.ChainId}");
        _verified = true;
    }

    private void Heal()
    {
        lock (_health)
        {
            if (Failures == 0)
                return;
            Log.EndpointHealed(_logger, Name, _chain.Name, Failures, (_time.GetUtcNow() - _failingSince).TotalSeconds);
            Failures = 0;
        }
    }

    private TransportException Fail(TransportException failure)
    {
        Instruments.Failures.Add(1, new KeyValuePair<string, object?>("endpoint", Name), new KeyValuePair<string, object?>("reason", failure.Failure.ToString()));
        lock (_health)
        {
            _verified = false;
            LastFailure = failure.Message;
            DateTimeOffset now = _time.GetUtcNow();
            if (failure.Failure == TransportFailure.WrongChain && !Refused)
            {
                Refused = true;
                Log.EndpointRefused(_logger, Name, _chain.Name, failure.Message);
            }
            else if (Failures == 0)
            {
                _failingSince = now;
                Log.EndpointFailed(_logger, Name, _chain.Name, failure.Message);
            }
            // Requests that were under way together fail together: they are one failure.
            if (Failures == 0 || RetryAt <= now)
            {
                TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(Failures, 16));
                pause = (pause < LongestPause ? pause : LongestPause) * (0.75 + 0.5 * Random.Shared.NextDouble());
                if (failure.RetryAfter is { } asked && asked > pause)
                    pause = asked < LongestPauseAsked ? asked : LongestPauseAsked;
                RetryAt = now + pause;
                Failures++;
            }
        }
        return failure;
    }
}
