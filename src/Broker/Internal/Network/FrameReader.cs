using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Network;

/// <summary>
/// Cuts the bytes of a connection into frames (length 4, then so many bytes). Small frames stay in the connection's buffer; a large one gets memory as its
/// bytes arrive, not when its length is announced, and counts against the budget that all connections share.
/// </summary>
internal sealed class FrameReader(Socket socket, int maxFrame, ByteBudget budget) : IDisposable
{
    private const int BufferSize = 8 * 1024;
    private const int FirstPart = 256 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private byte[]? _large;
    private long _acquired;

    /// <summary>A frame has begun to arrive and is not complete.</summary>
    public bool InFrame { get; private set; }

    /// <summary>The next frame, valid until the next call; null: the other side closed the connection between frames.</summary>
    /// <exception cref="WireException">The length is out of bounds, or the connection ended within a frame.</exception>
    public async ValueTask<Memory<byte>?> NextAsync(CancellationToken ct)
    {
        Release();
        while (_end - _start < 4)
            if (!await FillAsync(ct))
                return _end == _start ? null : throw new WireException("it ended within a frame's length");
        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < 0 || length > maxFrame || length > budget.Whole)
            throw new WireException($"a frame of {length} bytes is out of bounds (0 to {maxFrame})");
        InFrame = true;
        Memory<byte> frame = length <= BufferSize - 4 ? await SmallAsync(length, ct) : await LargeAsync(length, ct);
        InFrame = false;
        return frame;
    }

    public void Dispose() => Release();

    private async ValueTask<Memory<byte>> SmallAsync(int length, CancellationToken ct)
    {
        while (_end - _start < length + 4)
            if (!await FillAsync(ct))
                throw new WireException("it ended within a frame");
        Memory<byte> frame = _buffer.AsMemory(_start + 4, length);
        _start += length + 4;
        return frame;
    }

    private async ValueTask<Memory<byte>> LargeAsync(int length, CancellationToken ct)
    {
        await budget.AcquireAsync(length, ct);
        _acquired = length;
        _large = ArrayPool<byte>.Shared.Rent(Math.Min(length, FirstPart));
        int filled = _end - _start - 4;
        _buffer.AsSpan(_start + 4, filled).CopyTo(_large);
        _start = _end = 0;
        while (filled < length)
        {
            if (filled == _large.Length)
                Grow(length);
            int read = await socket.ReceiveAsync(_large.AsMemory(filled, Math.Min(_large.Length, length) - filled), ct);
            if (read == 0)
                throw new WireException("it ended within a frame");
            filled += read;
        }
        return _large.AsMemory(0, length);
    }

    private void Grow(int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, _large!.Length * 4L));
        _large.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_large);
        _large = larger;
    }

    /// <summary>Receives some more into the connection's buffer; false at its end.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        int read = await socket.ReceiveAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        return read > 0;
    }

    private void Release()
    {
        if (_large is null)
            return;
        ArrayPool<byte>.Shared.Return(_large);
        _large = null;
        budget.Release(_acquired);
        _acquired = 0;
    }
}
