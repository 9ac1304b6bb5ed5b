using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Assay.Broker.Internal.Network;

/// <summary>Accepts connections, a limited number of them, and closes those that say nothing for long or never finish a frame.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FrameLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Connection, Task> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Node _node;
    private readonly Socket _socket;
    private readonly ByteBudget _budget;
    private readonly ITimer _sweep;
    private readonly Task _accepting;

    public Listener(Socket socket, Node node)
    {
        _node = node;
        _socket = socket;
        _budget = new ByteBudget(node.Options.MaxInFlightBytes);
        _sweep = node.Time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
        _accepting = Task.Run(AcceptAsync);
    }

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
        foreach (Connection connection in _connections.Keys)
            connection.Dispose();
        await Task.WhenAny(Task.WhenAll([_accepting, .. _connections.Values]), Task.Delay(CloseBound, _node.Time));
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
            if (_connections.Count >= _node.Options.MaxConnections)
            {
                Log.ConnectionRefused(_node.Logger, client.RemoteEndPoint?.ToString() ?? "", $"there are {_node.Options.MaxConnections} connections already");
                client.Dispose();
                continue;
            }
            client.NoDelay = true;
            Connection connection = new(client, _node, _budget);
            TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[connection] = RunAsync(connection, started.Task);
            started.SetResult();
        }
    }

    private async Task RunAsync(Connection connection, Task registered)
    {
        await registered;
        await connection.RunAsync(_stopping.Token);
        _connections.TryRemove(connection, out _);
    }

    private void Sweep()
    {
        foreach (Connection connection in _connections.Keys)
            if (connection.WaitingSince is > 0 and var since && _node.Time.GetElapsedTime(since) > (connection.InFrame ? FrameLimit : IdleLimit))
                connection.Dispose();
    }
}
