using System.Net;
using System.Net.Sockets;

namespace Assay.Sink.Tests;

/// <summary>A TCP address that leads to the registry once it is opened; until then it accepts and hangs up.</summary>
internal sealed class RegistryRelay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Uri target;
    private volatile bool open;

    public RegistryRelay(Uri target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new UriBuilder(target) { Port = ((IPEndPoint)listener.LocalEndpoint).Port }.Uri;

    public void Open() => open = true;

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        {
            if (!open)
                return;
            using TcpClient server = new(target.Host, target.Port);
            Task there = client.GetStream().CopyToAsync(server.GetStream());
            Task back = server.GetStream().CopyToAsync(client.GetStream());
            await Task.WhenAny(there, back);
        }
    }
}
