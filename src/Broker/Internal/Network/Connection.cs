using System.Net.Sockets;
using System.Runtime.InteropServices;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Network;

/// <summary>
/// One client's connection: reads a frame, handles it, writes the answer, and only then looks at the next, as Apache Kafka does; so answers come in the
/// order of the requests, and what a client pipelines waits in the socket.
/// Request frame: api key 2, version 2, correlation id 4, client id (nullable, two-byte length in every version), tags if flexible, body.
/// Response frame: correlation id 4, tags if flexible (never for ApiVersions), body.
/// </summary>
internal sealed class Connection(Socket socket, Node node, ByteBudget budget) : IDisposable
{
    private readonly FrameReader _frames = new(socket, node.Options.MaxFrameBytes, budget);
    private readonly string _host = socket.RemoteEndPoint?.ToString() ?? "";

    /// <summary>When the connection began to wait for what it waits for now, in the time provider's timestamps; 0: it handles a request.</summary>
    public long WaitingSince { get; private set; }

    /// <summary>A frame has begun to arrive and is not complete.</summary>
    public bool InFrame => _frames.InFrame;

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                WaitingSince = node.Time.GetTimestamp();
                if (await _frames.NextAsync(ct) is not { } frame)
                    return;
                WaitingSince = 0;
                await AnswerAsync(frame, ct);
            }
        }
        catch (WireException malformed)
        {
            Log.ConnectionRefused(node.Logger, _host, malformed.Message);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client left, or the broker stops.
        }
        catch (Exception defect)
        {
            Log.RequestFailed(node.Logger, "frame", 0, _host, defect);
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _frames.Dispose();
    }

    private async ValueTask AnswerAsync(Memory<byte> frame, CancellationToken ct)
    {
        RequestHeader header = RequestHeader.Read(frame);
        RequestHandler? handler = RequestTable.Find(header.ApiKey);
        if (handler is null)
            throw new WireException($"request key {header.ApiKey} is not served here");
        bool supported = handler.Supports(header.Version);
        if (!supported && handler is not ApiVersionsHandler)
            throw new WireException($"{handler.Name} version {header.Version} is not served here (only {handler.Lowest} to {handler.Highest})");

        using RequestContext context = new(node, frame, header.ClientId ?? "", _host, ct);
        IMessage? response;
        if (!supported)
            response = ApiVersionsHandler.Unsupported();
        else
        {
            WireReader reader = new(frame[header.Length..], header.Version, handler.IsFlexible(header.Version));
            reader.Tags();
            response = await handler.HandleAsync(reader, context);
        }
        if (response is not null)
            await SendAsync(response, header.CorrelationId, supported ? header.Version : (short)0, handler, ct);
    }

    private async ValueTask SendAsync(IMessage response, int correlationId, short version, RequestHandler handler, CancellationToken ct)
    {
        using WireWriter writer = new(version, handler.IsFlexible(version));
        int length = 0;
        writer.Int32(ref length);
        writer.Int32(ref correlationId);
        if (handler is not ApiVersionsHandler)
            writer.Tags();
        response.Visit(writer);
        writer.PatchLength(writer.Length - 4);

        List<ArraySegment<byte>> segments = [];
        foreach (ReadOnlyMemory<byte> segment in writer.Segments())
            segments.Add(MemoryMarshal.TryGetArray(segment, out ArraySegment<byte> array) ? array : segment.ToArray());
        if (segments is [ArraySegment<byte> only])
        {
            for (int sent = 0; sent < only.Count;)
                sent += await socket.SendAsync(only.AsMemory(sent), ct);
            return;
        }
        // The gathering overload takes no token; closing the socket ends it.
        int all = await socket.SendAsync(segments, SocketFlags.None);
        if (all != writer.Length)
            throw new SocketException((int)SocketError.ConnectionAborted);
    }
}
