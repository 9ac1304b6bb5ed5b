using System.Buffers;
using System.Buffers.Binary;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Network;

/// <summary>
/// Cuts the bytes of a connection into frames (length 4, then so many bytes). Small frames stay in the connection's buffer; a large one gets memory as its
/// bytes arrive, not when its length is announced. Beyond its first part it counts against the budget that all connections share; so announcing costs others
/// nothing, and who has a part of the budget must use it: see <see cref="IsOverdue"/>.
/// </summary>
internal sealed class FrameReader(Transport transport, int maxFrame, ByteBudget budget, TimeProvider time) : IDisposable
{
    /// <summary>The longest frame that stays in the connection's own buffer.</summary>
    public const int SmallFrame = BufferSize - 4;
    private const int BufferSize = 8 * 1024;
    private const int FirstPart = 64 * 1024;
    private const long BytesPerSecondWhenShort = 1024 * 1024;
    private static readonly TimeSpan FrameLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan GraceWhenShort = TimeSpan.FromSeconds(2);

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private byte[]? _large;
    private int _filled;
    private long _acquired;
    private long _since;

    /// <summary>The frame that is arriving takes too long: more than a minute; or less, when others wait for the memory that is kept for it and it comes slowly.</summary>
    public bool IsOverdue
    {
        get
        {
            if (Interlocked.Read(ref _since) is not (> 0 and var since))
                return false;
            TimeSpan taken = time.GetElapsedTime(since);
            return taken > FrameLimit
                || Interlocked.Read(ref _acquired) > 0 && taken > GraceWhenShort && budget.IsShort && Volatile.Read(ref _filled) < taken.TotalSeconds * BytesPerSecondWhenShort;
        }
    }

    /// <summary>The next frame, valid until the next call; null: the other side closed the connection between frames.</summary>
    /// <param name="onlySmall">Frames above <see cref="SmallFrame"/> are refused.</param>
    /// <exception cref="WireException">The length is out of bounds, or the connection ended within a frame.</exception>
    public async ValueTask<Memory<byte>?> NextAsync(bool onlySmall, CancellationToken ct)
    {
        Release();
        while (_end - _start < 4)
            if (!await FillAsync(ct))
                return _end == _start ? null : throw new WireException("it ended within a frame's length");
        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        long most = onlySmall ? SmallFrame : Math.Min(maxFrame, budget.Whole);
        if (length < 0 || length > most)
            throw new WireException($"a frame of {length} bytes is out of bounds (0 to {most})");
        Begin();
        Memory<byte> frame = length <= SmallFrame ? await SmallAsync(length, ct) : await LargeAsync(length, ct);
        Interlocked.Exchange(ref _since, 0);
        return frame;
    }

    public void Dispose() => Release();

    private void Begin() => Interlocked.Exchange(ref _since, time.GetTimestamp());

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
        _large = ArrayPool<byte>.Shared.Rent(Math.Min(length, FirstPart));
        _filled = _end - _start - 4;
        _buffer.AsSpan(_start + 4, _filled).CopyTo(_large);
        _start = _end = 0;
        while (_filled < length)
        {
            if (_filled == _large.Length)
                await GrowAsync(length, ct);
            int read = await transport.ReceiveAsync(_large.AsMemory(_filled, Math.Min(_large.Length, length) - _filled), ct);
            if (read == 0)
                throw new WireException("it ended within a frame");
            Volatile.Write(ref _filled, _filled + read);
        }
        return _large.AsMemory(0, length);
    }

    private async ValueTask GrowAsync(int length, CancellationToken ct)
    {
        if (_acquired == 0)
        {
            // That it waits is not the sender's fault.
            Interlocked.Exchange(ref _since, 0);
            await budget.AcquireAsync(length, ct);
            Interlocked.Exchange(ref _acquired, length);
            Begin();
        }
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
        int read = await transport.ReceiveAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        return read > 0;
    }

    private void Release()
    {
        if (_large is null)
            return;
        ArrayPool<byte>.Shared.Return(_large);
        _large = null;
        budget.Release(Interlocked.Exchange(ref _acquired, 0));
    }
}
