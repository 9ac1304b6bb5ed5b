using System.Buffers;
using System.Runtime.InteropServices;
using Assay.Broker.Internal.Groups;

namespace Assay.Broker.Internal.Requests;

/// <summary>What a handler knows besides the request itself; lives until the answer is sent.</summary>
internal sealed class RequestContext(Node node, Memory<byte> frame, string clientId, string clientHost, CancellationToken ct) : IDisposable
{
    private List<byte[]>? _rented;

    public Node Node { get; } = node;
    public short Version { get; set; }
    /// <summary>Ends with the broker.</summary>
    public CancellationToken Stopping { get; } = ct;

    public Client Client => new(clientId, clientHost, Version);

    /// <summary>The bytes of a part of the request's frame, to change them in place.</summary>
    public Span<byte> Writable(ReadOnlyMemory<byte> part)
    {
        MemoryMarshal.TryGetArray(part, out ArraySegment<byte> inside);
        MemoryMarshal.TryGetArray(frame, out ArraySegment<byte> whole);
        return frame.Span.Slice(inside.Offset - whole.Offset, inside.Count);
    }

    /// <summary>Gives a pooled array back once the answer is sent.</summary>
    public void ReturnLater(byte[] rented) => (_rented ??= []).Add(rented);

    public void Dispose()
    {
        foreach (byte[] rented in _rented ?? [])
            ArrayPool<byte>.Shared.Return(rented);
        _rented = null;
    }
}
