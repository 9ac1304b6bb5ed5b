using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Assay.Ethereum.Internal;

/// <summary>Requests and subscriptions over one WebSocket, opened when first needed and again after it broke.</summary>
internal sealed class WebSocketTransport(Uri endpoint) : IRpcTransport
{
    private readonly SemaphoreSlim _opening = new(1);
    private WebSocketConnection? _connection;

    public async Task<JsonElement> SendAsync(string method, JsonArray parameters, CancellationToken cancellationToken) =>
        await (await ConnectedAsync(cancellationToken)).SendAsync(method, parameters, notifications: null, cancellationToken);

    /// <summary>Sends <c>eth_subscribe</c>; what the subscription brings goes to <paramref name="notifications"/>, which completes when the connection ends.</summary>
    /// <returns>The way to end it.</returns>
    public async Task<Func<CancellationToken, Task>> SubscribeAsync(JsonArray parameters, ChannelWriter<JsonElement> notifications, CancellationToken cancellationToken)
    {
        WebSocketConnection connection = await ConnectedAsync(cancellationToken);
        JsonElement subscription = await connection.SendAsync("eth_subscribe", parameters, notifications, cancellationToken);
        return subscription.ValueKind == JsonValueKind.String
            ? cancelled => connection.UnsubscribeAsync(subscription.GetString()!, cancelled)
            : throw new TransportException(TransportFailure.BadResponse, "its answer to eth_subscribe is no subscription");
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
        _opening.Dispose();
    }

    private async Task<WebSocketConnection> ConnectedAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true })
                return _connection;
            if (_connection is not null)
                await _connection.DisposeAsync();
            _connection = null;
            return _connection = await WebSocketConnection.OpenAsync(endpoint, cancellationToken);
        }
        catch (WebSocketException cause)
        {
            throw new TransportException(TransportFailure.Unreachable, "it does not accept WebSocket connections", cause: cause);
        }
        finally
        {
            _opening.Release();
        }
    }
}
