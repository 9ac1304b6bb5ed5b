using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Assay.Broker.Tests.Hostile;

/// <summary>Sends cases from several connections at a time; some stay open without a word.</summary>
internal sealed class HostileClients(string bootstrap, int seed, int mostLingering, bool opening = false) : IDisposable
{
    private const int Workers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(30);

    private readonly IPEndPoint _address = IPEndPoint.Parse(bootstrap);
    private readonly Queue<Socket> _lingering = [];
    private int _next;

    /// <summary>How many answers came.</summary>
    public int Answers { get; private set; }

    public Task RunAsync(int cases, CancellationToken ct) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(cases, ct), ct)));

    public void Dispose()
    {
        foreach (Socket socket in _lingering)
            socket.Dispose();
    }

    private async Task WorkAsync(int cases, CancellationToken ct)
    {
        Socket? socket = null;
        byte[] buffer = new byte[64 * 1024];
        for (int index = Interlocked.Increment(ref _next); index <= cases; index = Interlocked.Increment(ref _next))
        {
            ct.ThrowIfCancellationRequested();
            HostileCase attack = HostileCase.Of(unchecked(seed * 31 + index), opening);
            try
            {
                socket ??= await ConnectAsync(ct);
                if (!await AttackAsync(socket, attack, buffer, ct))
                    socket = null;
            }
            catch (SocketException)
            {
                // The broker has cut it off, as it may.
                socket?.Dispose();
                socket = null;
            }
        }
        socket?.Dispose();
    }

    /// <summary>True where the connection can be used again.</summary>
    private async Task<bool> AttackAsync(Socket socket, HostileCase attack, byte[] buffer, CancellationToken ct)
    {
        int step = attack.Manner == Manner.Drip ? Math.Max(1, attack.Bytes.Length / 20) : attack.Bytes.Length;
        for (int sent = 0; sent < attack.Bytes.Length; sent += step)
            await socket.SendAsync(attack.Bytes.AsMemory(sent, Math.Min(step, attack.Bytes.Length - sent)), ct);
        switch (attack.Manner)
        {
            case Manner.Linger:
                Linger(socket);
                return false;
            case Manner.Leave:
                Close(socket, reset: attack.Bytes.Length % 4 != 0);
                return false;
            default:
                if (attack.Whole && await AnswerAsync(socket, buffer, ct))
                    return true;
                Close(socket, reset: true);
                return false;
        }
    }

    /// <summary>Reads one answer; false where none comes soon.</summary>
    private async Task<bool> AnswerAsync(Socket socket, byte[] buffer, CancellationToken ct)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            long left = -1;
            int filled = 0;
            while (left != 0)
            {
                int read = await socket.ReceiveAsync(left < 0 ? buffer.AsMemory(filled, 4 - filled) : buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), patience.Token);
                if (read == 0)
                    return false;
                filled += read;
                left = left >= 0 ? left - read : filled == 4 ? BinaryPrimitives.ReadInt32BigEndian(buffer) : -1;
            }
            Answers++;
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken ct)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_address, ct);
        return socket;
    }

    private void Linger(Socket socket)
    {
        Socket? oldest = null;
        lock (_lingering)
        {
            _lingering.Enqueue(socket);
            if (_lingering.Count > mostLingering)
                oldest = _lingering.Dequeue();
        }
        if (oldest is not null)
            Close(oldest, reset: true);
    }

    private static void Close(Socket socket, bool reset)
    {
        // A reset leaves no port waiting, of which there are fewer than cases.
        if (reset)
            socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {Answers} of {_next - Workers} cases were answered");
}
