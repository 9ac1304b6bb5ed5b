using System.Net;
using System.Net.Sockets;

namespace Assay.Tests.Support;

/// <summary>Ports that nothing listens on. Prefer binding to port 0 and asking; this is for programs that want to be told.</summary>
public static class FreePort
{
    /// <summary>A loopback TCP port that was free a moment ago.</summary>
    public static int Next() => TryBind(0)!.Value;

    /// <summary>One for a server that is killed and started again: the system gives it to no connection meanwhile, since it takes those from 32768 on.</summary>
    public static int Lasting()
    {
        while (true)
        {
            if (TryBind(Random.Shared.Next(20_000, 32_768)) is { } port)
                return port;
        }
    }

    private static int? TryBind(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException) when (port != 0)
        {
            return null;
        }
    }
}
