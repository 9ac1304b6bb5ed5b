using System.Net;
using System.Net.Sockets;

namespace Assay.Demo.Processes;

/// <summary>Ports for children that must be told theirs; somebody else may still take it first, so whoever uses this tries again.</summary>
public static class LoopbackPort
{
    /// <summary>The preferred port if it is free now, else any free one.</summary>
    /// <param name="preferred">0: none is preferred.</param>
    public static int Choose(int preferred) => preferred != 0 && TryBind(preferred) is { } port ? port : TryBind(0)!.Value;

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
