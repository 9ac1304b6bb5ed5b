using System.Buffers;

namespace Assay.Broker.Internal.Storage.Compaction;

/// <summary>Reads a segment's batches one after the other, each checked.</summary>
internal sealed class BatchReader(Segment segment) : IDisposable
{
    private const int FirstBuffer = 256 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private long _position;
    private long _bufferAt;
    private int _filled;
    private long _expected = segment.BaseOffset;

    /// <summary>The next whole batch, valid until the next call; empty at the segment's end.</summary>
    /// <exception cref="DamageException">There is no sound batch where one must stand.</exception>
    public ReadOnlySpan<byte> Next()
    {
        long left = segment.File.Length - _position;
        if (left == 0)
            return default;
        ReadOnlySpan<byte> header = Bytes(BatchHeader.Bytes);
        if (header.Length < BatchHeader.Bytes)
            throw new DamageException(segment, _position);
        BatchHeader batch = BatchHeader.Read(header);
        if (!batch.Plausible(header, _expected, exactly: !segment.HasGaps, left))
            throw new DamageException(segment, _position);
        ReadOnlySpan<byte> whole = Bytes(batch.Size);
        if (whole.Length < batch.Size || !BatchHeader.CrcHolds(whole))
            throw new DamageException(segment, _position);
        _position += batch.Size;
        _expected = batch.NextOffset;
        return whole;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private ReadOnlySpan<byte> Bytes(int count)
    {
        int within = (int)(_position - _bufferAt);
        if (within + count > _filled)
        {
            if (count > _buffer.Length)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = ArrayPool<byte>.Shared.Rent(count);
            }
            _bufferAt = _position;
            _filled = segment.File.Read(_position, _buffer);
            within = 0;
        }
        return _buffer.AsSpan(within, Math.Min(count, _filled - within));
    }
}
