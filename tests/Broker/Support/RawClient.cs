using System.Buffers.Binary;
using System.Net.Sockets;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Tests.Support;

/// <summary>Speaks the protocol request by request, in any version, with the broker's own message descriptions turned round.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private int _correlation;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<RawClient> ConnectAsync(KafkaBroker broker) => ConnectAsync(broker.Bootstrap);

    public static async Task<RawClient> ConnectAsync(string bootstrap)
    {
        RawClient client = new();
        string[] parts = bootstrap.Split(':');
        await client._tcp.ConnectAsync(parts[0], int.Parse(parts[1]), Ct);
        return client;
    }

    public async Task<TResponse> AskAsync<TResponse>(short key, short version, IMessage request, short? answeredIn = null) where TResponse : IMessage, new()
    {
        await SendAsync(key, version, request);
        byte[] frame = await ReceiveAsync() ?? throw new IOException("The broker closed the connection.");
        bool flexible = RequestTable.Find(key)!.IsFlexible(answeredIn ?? version);
        Assert.Equal(_correlation, BinaryPrimitives.ReadInt32BigEndian(frame));
        WireReader reader = new(frame.AsMemory(4), answeredIn ?? version, flexible);
        if (key != 18)
            reader.Tags();
        TResponse response = new();
        response.Visit(reader);
        Assert.Equal(0, reader.Remaining);
        return response;
    }

    public async Task SendAsync(short key, short version, IMessage request)
    {
        bool flexible = RequestTable.Find(key)?.IsFlexible(version) ?? false;
        byte[] body = WireWriter.ToArray(request, version, flexible);
        byte[] frame = new byte[4 + 8 + 2 + 4 + (flexible ? 1 : 0) + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), ++_correlation);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), 4);
        "test"u8.CopyTo(frame.AsSpan(14));
        body.CopyTo(frame.AsSpan(frame.Length - body.Length));
        await _tcp.GetStream().WriteAsync(frame, Ct);
    }

    public Task SendBytesAsync(byte[] bytes) => _tcp.GetStream().WriteAsync(bytes, Ct).AsTask();

    /// <summary>The next frame without its length; null: the broker closed the connection.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        byte[] length = new byte[4];
        if (!await FillAsync(length))
            return null;
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        return await FillAsync(frame) ? frame : null;
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<bool> FillAsync(byte[] into)
    {
        try
        {
            await _tcp.GetStream().ReadExactlyAsync(into, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Ct);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
