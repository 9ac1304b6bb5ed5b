using System.Buffers;
using System.Runtime.InteropServices;
using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Network;
using Assay.Broker.Internal.Security;

namespace Assay.Broker.Internal.Requests;

/// <summary>Who asks, for as long as the connection lasts.</summary>
/// <param name="Remote">The client's address and port.</param>
/// <param name="Host">The host that this client is told to connect to.</param>
/// <param name="Fetched">What all clients share for records on their way out.</param>
internal sealed record Peer(string Remote, string Host, SaslSession Session, ByteBudget Fetched);

/// <summary>What a handler knows besides the request itself; lives until the answer is sent.</summary>
internal sealed class RequestContext(Node node, Peer peer, Memory<byte> frame, string clientId, CancellationToken ct) : IDisposable
{
    /// <summary>What a fetch may bring however many others are on their way.</summary>
    private const int LeastFetch = 64 * 1024;

    private List<byte[]>? _rented;
    private int _lent;

    public Node Node { get; } = node;
    public short Version { get; set; }
    /// <summary>Ends with the connection, and with the broker.</summary>
    public CancellationToken Stopping { get; } = ct;
    public SaslSession Session => peer.Session;
    /// <summary>The host that the client is told to connect to.</summary>
    public string Host => peer.Host;

    public Client Client => new(clientId, peer.Remote, Version);

    /// <summary>The bytes of a part of the request's frame, to change them in place.</summary>
    public Span<byte> Writable(ReadOnlyMemory<byte> part)
    {
        MemoryMarshal.TryGetArray(part, out ArraySegment<byte> inside);
        MemoryMarshal.TryGetArray(frame, out ArraySegment<byte> whole);
        return frame.Span.Slice(inside.Offset - whole.Offset, inside.Count);
    }

    /// <summary>How many bytes of records the answer may bring, of those it wants: fewer when clients leave much unread. <see cref="Settle"/> says how many it were.</summary>
    public int Lend(int wanted) => _lent = peer.Fetched.TakeShare(Math.Max(wanted, 0), LeastFetch);

    public void Settle(int used)
    {
        peer.Fetched.Release(_lent - used);
        _lent = used;
    }

    /// <summary>Gives a pooled array back once the answer is sent.</summary>
    public void ReturnLater(byte[] rented) => (_rented ??= []).Add(rented);

    /// <summary>Gives back what the answer holds so far.</summary>
    public void Dispose()
    {
        Settle(0);
        foreach (byte[] rented in _rented ?? [])
            ArrayPool<byte>.Shared.Return(rented);
        _rented = null;
    }
}
