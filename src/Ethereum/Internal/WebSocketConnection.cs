using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Assay.Ethereum.Internal;

/// <summary>
/// One open WebSocket. A single reader hands responses to those who wait by id and notifications to their subscription; when it ends, for whatever
/// reason, everyone who waits is told. A subscription is entered by the reader itself, before it reads the next message, so that none can overtake it.
/// </summary>
internal sealed class WebSocketConnection : IAsyncDisposable
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private readonly ClientWebSocket _socket;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private readonly ConcurrentDictionary<string, ChannelWriter<JsonElement>> _subscriptions = new();
    private readonly Task _reading;
    private volatile TransportException? _ended;
    private long _lastId;

    private sealed record Pending(TaskCompletionSource<JsonElement> Response, string Method, ChannelWriter<JsonElement>? Notifications);

    private WebSocketConnection(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = Task.Run(ReadAsync);
    }

    public bool IsOpen => _ended is null;

    public static async Task<WebSocketConnection> OpenAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        ClientWebSocket socket = new();
        try
        {
            // A peer that vanished without a word is noticed by its missing pong.
            socket.Options.KeepAliveInterval = KeepAlive;
            socket.Options.KeepAliveTimeout = KeepAlive;
            if (endpoint.UserInfo.Length > 0)
                socket.Options.SetRequestHeader("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(endpoint.UserInfo))));
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new WebSocketConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<JsonElement> SendAsync(string method, JsonArray parameters, ChannelWriter<JsonElement>? notifications, CancellationToken cancellationToken)
    {
        long id = Interlocked.Increment(ref _lastId);
        Pending pending = new(new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously), method, notifications);
        _pending[id] = pending;
        try
        {
            if (_ended is { } ended)
                throw ended;
            await WriteAsync(RpcMessage.Request(id, method, parameters)).WaitAsync(cancellationToken);
            return await pending.Response.Task.WaitAsync(cancellationToken);
        }
        catch (Exception cause) when (cause is WebSocketException or ObjectDisposedException || (cause is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw _ended ?? new TransportException(TransportFailure.Unreachable, "the WebSocket broke", cause: cause);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Ends a subscription; the node is told if it can still be reached.</summary>
    public async Task UnsubscribeAsync(string subscription, CancellationToken cancellationToken)
    {
        if (!_subscriptions.TryRemove(subscription, out _) || !IsOpen)
            return;
        try
        {
            await SendAsync("eth_unsubscribe", [subscription], notifications: null, cancellationToken);
        }
        catch (Exception failure) when (failure is TransportException or RpcResponseException or OperationCanceledException)
        {
            // Its notifications find no subscriber any more; that is all that matters here.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }

    /// <summary>A message that is cut off in its middle breaks the socket for all: only the connection's own end cancels a write.</summary>
    private async Task WriteAsync(byte[] message)
    {
        await _sending.WaitAsync(_closing.Token);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _closing.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        TransportException end;
        try
        {
            ArrayBufferWriter<byte> message = new(4096);
            while (await ReceiveAsync(message))
            {
                Dispatch(RpcMessage.Parse(message.WrittenMemory));
                message.ResetWrittenCount();
            }
            end = new TransportException(TransportFailure.Unreachable, "it closed the WebSocket");
        }
        catch (TransportException failure)
        {
            end = failure;
        }
        catch (Exception failure)
        {
            end = new TransportException(TransportFailure.Unreachable, "the WebSocket broke", cause: failure);
        }
        End(end);
    }

    private async Task<bool> ReceiveAsync(ArrayBufferWriter<byte> message)
    {
        while (true)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(message.GetMemory(4096), _closing.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return false;
            message.Advance(part.Count);
            if (message.WrittenCount > RpcMessage.MaxResponseBytes)
                throw new TransportException(TransportFailure.BadResponse, "its answer is too long");
            if (part.EndOfMessage)
                return true;
        }
    }

    private void Dispatch(JsonElement message)
    {
        if (RpcMessage.Notification(message) is var (subscription, payload))
        {
            // Full or finished: the subscriber is told of gaps by design (see EthereumClient.SubscribeLogsAsync).
            if (_subscriptions.TryGetValue(subscription, out ChannelWriter<JsonElement>? subscriber))
                subscriber.TryWrite(payload);
            return;
        }
        if (RpcMessage.Id(message) is not { } id || !_pending.TryRemove(id, out Pending? pending))
            return;
        try
        {
            JsonElement result = RpcMessage.Result(message, pending.Method);
            if (pending.Notifications is not null && result.ValueKind == JsonValueKind.String)
                _subscriptions[result.GetString()!] = pending.Notifications;
            pending.Response.TrySetResult(result);
        }
        catch (Exception failure) when (failure is TransportException or RpcResponseException)
        {
            pending.Response.TrySetException(failure);
        }
    }

    private void End(TransportException end)
    {
        _ended = end;
        _socket.Abort();
        foreach (Pending pending in _pending.Values)
            pending.Response.TrySetException(end);
        foreach (ChannelWriter<JsonElement> subscriber in _subscriptions.Values)
            subscriber.TryComplete(end);
    }
}
