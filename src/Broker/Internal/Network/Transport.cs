using System.Net.Security;
using System.Net.Sockets;

namespace Assay.Broker.Internal.Network;

/// <summary>The bytes of a connection: as they are, or (<see cref="TlsTransport"/>) encrypted.</summary>
internal class Transport(Socket socket) : IDisposable
{
    /// <summary>Some bytes; 0 at the end.</summary>
    public virtual ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken ct) => socket.ReceiveAsync(into, ct);

    /// <summary>Sends all of the bytes.</summary>
    public virtual async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, ct)..];
    }

    /// <summary>Sends all of the segments, in one call of the system where that is possible.</summary>
    public virtual async ValueTask SendAsync(IList<ArraySegment<byte>> segments, CancellationToken ct)
    {
        // The gathering overload takes no token; closing the socket ends it.
        int sent = await socket.SendAsync(segments, SocketFlags.None);
        if (sent != segments.Sum(segment => segment.Count))
            throw new SocketException((int)SocketError.ConnectionAborted);
    }

    public virtual void Dispose() => socket.Dispose();
}

/// <summary>A connection within TLS.</summary>
internal sealed class TlsTransport(Socket socket) : Transport(socket)
{
    private readonly SslStream _stream = new(new NetworkStream(socket));

    /// <summary>Must be done before anything is received or sent.</summary>
    public Task HandshakeAsync(SslServerAuthenticationOptions options, CancellationToken ct) => _stream.AuthenticateAsServerAsync(options, ct);

    public override ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken ct) => _stream.ReadAsync(into, ct);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => _stream.WriteAsync(bytes, ct);

    public override async ValueTask SendAsync(IList<ArraySegment<byte>> segments, CancellationToken ct)
    {
        foreach (ArraySegment<byte> segment in segments)
            await _stream.WriteAsync(segment, ct);
    }

    public override void Dispose()
    {
        // The socket first: a stream that is being written to would wait for its other side.
        base.Dispose();
        _stream.Dispose();
    }
}
