using System.Net;
using System.Net.Sockets;

namespace Assay.Tests.Support;

/// <summary>Stands between clients and a server on loopback, so that their connections can be broken while both live.</summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _lock = new();
    private readonly List<(Socket Client, Socket Server)> _pairs = [];
    private readonly Task _accepting;
    private volatile bool _cut;

    /// <param name="target">The server's port; a server that comes back may have another.</param>
    public TcpRelay(int target)
    {
        Target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Where new connections lead.</summary>
    public int Target { get; set; }

    /// <summary>Resets each connection with a probability; gives their number.</summary>
    public int Break(Random random, double share)
    {
        (Socket Client, Socket Server)[] broken;
        lock (_lock)
            broken = [.. _pairs.Where(_ => random.NextDouble() < share)];
        foreach ((Socket client, Socket server) in broken)
        {
            Reset(client);
            Reset(server);
        }
        return broken.Length;
    }

    /// <summary>Resets all connections, and new ones at once until <see cref="Mend"/>; gives the number of the broken ones.</summary>
    public int Cut()
    {
        _cut = true;
        return Break(Random.Shared, 1);
    }

    public void Mend() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            if (_cut)
                return;
            await server.ConnectAsync(IPAddress.Loopback, Target);
            lock (_lock)
                _pairs.Add((client, server));
            // The cut may have come while it connected.
            if (_cut)
                return;
            await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // One side is gone, so the other goes too.
        }
        finally
        {
            lock (_lock)
                _pairs.Remove((client, server));
            Reset(client);
            Reset(server);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                for (int sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // The other direction must not wait for what does not come any more.
            Reset(to);
            throw;
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            // No lingering: the other side sees a reset, not an orderly end.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Nothing is left to be reset.
        }
        socket.Dispose();
    }
}
