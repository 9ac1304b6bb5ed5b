using System.Net;
using System.Net.Sockets;

namespace Assay.Tests.Support;

/// <summary>Ports that nothing listens on. Prefer binding to port 0 and asking; this is for programs that want to be told.</summary>
public static class FreePort
{
    /// <summary>A loopback TCP port that was free a moment ago.</summary>
    public static int Next()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
