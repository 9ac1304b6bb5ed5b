using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Assay.Broker.Internal.Security;

namespace Assay.Broker.Internal.Network;

/// <summary>Accepts connections, a limited number of them, and closes those that say nothing for long, never finish a frame or read no answer.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Connection, Task> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Node _node;
    private readonly Socket _socket;
    private readonly BrokerSecurity _security;
    private readonly ITimer _sweep;
    private readonly Task _accepting;

    public Listener(Socket socket, Node node, BrokerSecurity security)
    {
        _node = node;
        _socket = socket;
        _security = security;
        Received = new ByteBudget(node.Options.MaxInFlightBytes);
        Fetched = new ByteBudget(node.Options.MaxInFlightBytes);
        _sweep = node.Time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>What large requests share.</summary>
    public ByteBudget Received { get; }

    /// <summary>What records on their way to clients share.</summary>
    public ByteBudget Fetched { get; }

    public int Connections => _connections.Count;

    /// <summary>A socket that is bound and listens.</summary>
    /// <exception cref="BrokerException">The port is taken, or the address is not of this machine.</exception>
    public static Socket Bind(IPAddress address, int port)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(512);
            return socket;
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new BrokerException($"The broker cannot listen on {address}:{port}: {failure.Message}. Choose another port, or 0 for any that is free.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _sweep.DisposeAsync();
        _socket.Dispose();
        // Nothing is accepted any more when the connections are looked through.
        await _accepting;
        foreach (Connection connection in _connections.Keys)
            connection.Dispose();
        await Task.WhenAny(Task.WhenAll(_connections.Values), Task.Delay(CloseBound, _node.Time));
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _socket.AcceptAsync(_stopping.Token);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that left while it was accepted, or no descriptor free: others still come.
                await Task.Delay(TimeSpan.FromMilliseconds(50), _node.Time);
                continue;
            }
            if (Open(client) is { } connection)
            {
                TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[connection] = RunAsync(connection, started.Task);
                started.SetResult();
            }
        }
    }

    /// <summary>The client's connection; null where there are too many, or where it has left already.</summary>
    private Connection? Open(Socket client)
    {
        try
        {
            if (_connections.Count < _node.Options.MaxConnections)
            {
                client.NoDelay = true;
                return new Connection(client, _node, _security, Received, Fetched);
            }
            Log.ConnectionRefused(_node.Logger, client.RemoteEndPoint?.ToString() ?? "", $"there are {_node.Options.MaxConnections} connections already");
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            // It had left before it was looked at.
        }
        client.Dispose();
        return null;
    }

    private async Task RunAsync(Connection connection, Task registered)
    {
        await registered;
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
    }

    private void Sweep()
    {
        foreach (Connection connection in _connections.Keys)
            if (connection.IsOverdue)
                connection.Dispose();
    }
}
