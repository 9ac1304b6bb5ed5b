using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Security;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Network;

/// <summary>
/// One client's connection: reads a frame, handles it, writes the answer, and only then looks at the next, as Apache Kafka does; so answers come in the
/// order of the requests, and what a client pipelines waits in the socket.
/// Request frame: api key 2, version 2, correlation id 4, client id (nullable, two-byte length in every version), tags if flexible, body.
/// Response frame: correlation id 4, tags if flexible (never for ApiVersions), body.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int PartAtATime = 1024 * 1024;
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(60);
    /// <summary>As Apache Kafka's connection.failed.authentication.delay.ms: guessing passwords takes its time.</summary>
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Node _node;
    private readonly BrokerSecurity _security;
    private readonly Transport _transport;
    private readonly FrameReader _frames;
    private readonly Peer _peer;
    private readonly CancellationTokenSource _ending = new();
    private readonly long _opened;
    private RequestHandler? _asked;
    private short _askedVersion;
    private Work _work = Work.Opening;
    private long _since;

    public Connection(Socket socket, Node node, BrokerSecurity security, ByteBudget received, ByteBudget fetched)
    {
        _socket = socket;
        _node = node;
        _security = security;
        _transport = security.Tls is null ? new Transport(socket) : new TlsTransport(socket);
        _frames = new FrameReader(_transport, node.Options.MaxFrameBytes, received, node.Time);
        string host = node.Options.AdvertisedHost ?? (socket.LocalEndPoint as IPEndPoint)?.Address.ToString() ?? "";
        _peer = new Peer(socket.RemoteEndPoint?.ToString() ?? "", host, new SaslSession(security.Credentials), fetched);
        _since = _opened = node.Time.GetTimestamp();
    }

    /// <summary>What the connection does or waits for.</summary>
    private enum Work
    {
        /// <summary>The client has not shown yet who it is.</summary>
        Opening,
        Receiving,
        Handling,
        Sending,
    }

    /// <summary>The client takes too long over something, or left while its request was handled.</summary>
    public bool IsOverdue => _work switch
    {
        Work.Opening => Elapsed(_opened) > OpeningLimit,
        Work.Receiving => _frames.IsOverdue || Elapsed(Interlocked.Read(ref _since)) > IdleLimit,
        Work.Sending => Elapsed(Interlocked.Read(ref _since)) > SendLimit,
        _ => IsLeft(),
    };

    public async Task RunAsync()
    {
        CancellationToken ct = _ending.Token;
        try
        {
            if (_transport is TlsTransport tls)
                await tls.HandshakeAsync(_security.Tls!, ct);
            await ServeAsync(ct);
        }
        catch (Exception refused) when (refused is WireException or AuthenticationException)
        {
            Log.ConnectionRefused(_node.Logger, _peer.Remote, refused.Message);
        }
        catch (Exception gone) when (gone is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client left, or the broker stops.
        }
        catch (Exception defect)
        {
            Log.RequestFailed(_node.Logger, _asked?.Name ?? "", _askedVersion, _peer.Remote, defect);
        }
        finally
        {
            Dispose();
            _frames.Dispose();
        }
    }

    /// <summary>Cuts the connection, at any time; what runs on it ends by itself and gives back what it holds.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _transport.Dispose();
    }

    private async Task ServeAsync(CancellationToken ct)
    {
        while (true)
        {
            bool authenticated = _peer.Session.State == SaslState.Authenticated;
            Begin(authenticated ? Work.Receiving : Work.Opening);
            if (await _frames.NextAsync(onlySmall: !authenticated, ct) is not { } frame)
                return;
            if (authenticated)
                Begin(Work.Handling);
            if (_peer.Session.State == SaslState.BareTokens)
                await AnswerTokenAsync(frame, ct);
            else
                await AnswerAsync(frame, ct);
            if (_peer.Session.Refusal is { } refusal)
                throw new WireException($"authentication failed, {refusal}");
        }
    }

    private async ValueTask AnswerTokenAsync(Memory<byte> token, CancellationToken ct)
    {
        byte[]? answer = _peer.Session.Next(token.ToArray());
        if (answer is null)
        {
            await Task.Delay(RefusalDelay, _node.Time, ct);
            return;
        }
        byte[] length = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, answer.Length);
        await _transport.SendAsync([length, answer], ct);
    }

    private async ValueTask AnswerAsync(Memory<byte> frame, CancellationToken ct)
    {
        RequestHeader header = RequestHeader.Read(frame);
        RequestHandler? handler = RequestTable.Find(header.ApiKey);
        (_asked, _askedVersion) = (handler, header.Version);
        if (handler is null)
            throw new WireException($"request key {header.ApiKey} is not served here");
        if (!_peer.Session.MayAsk(header.ApiKey))
            throw new WireException($"a {handler.Name} request came before authentication was complete");
        bool supported = handler.Supports(header.Version);
        if (!supported && handler is not ApiVersionsHandler)
            throw new WireException($"{handler.Name} version {header.Version} is not served here (only {handler.Lowest} to {handler.Highest})");

        using RequestContext context = new(_node, _peer, frame, header.ClientId ?? "", ct);
        IMessage? response;
        if (!supported)
            response = ApiVersionsHandler.Unsupported();
        else
        {
            WireReader reader = new(frame[header.Length..], header.Version, handler.IsFlexible(header.Version));
            reader.Tags();
            response = await handler.HandleAsync(reader, context);
        }
        if (_peer.Session.State == SaslState.Refused)
            await Task.Delay(RefusalDelay, _node.Time, ct);
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
        if (_work == Work.Handling)
            Begin(Work.Sending);
        if (segments.Count > 1 && writer.Length <= PartAtATime)
        {
            await _transport.SendAsync(segments, ct);
            return;
        }
        // In parts, so that a slow reader is told from one that does not read.
        foreach (ArraySegment<byte> segment in segments)
            for (int sent = 0; sent < segment.Count; sent += PartAtATime)
            {
                await _transport.SendAsync(segment.AsMemory(sent, Math.Min(PartAtATime, segment.Count - sent)), ct);
                Interlocked.Exchange(ref _since, _node.Time.GetTimestamp());
            }
    }

    private void Begin(Work work)
    {
        Interlocked.Exchange(ref _since, _node.Time.GetTimestamp());
        _work = work;
    }

    private TimeSpan Elapsed(long since) => _node.Time.GetElapsedTime(since);

    /// <summary>The other side has closed the connection and left nothing unread.</summary>
    private bool IsLeft()
    {
        try
        {
            return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
