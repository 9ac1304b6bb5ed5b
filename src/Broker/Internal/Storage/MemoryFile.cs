namespace Assay.Broker.Internal.Storage;

/// <summary>A <see cref="LogFile"/> in memory, in blocks, so that growing never copies what readers are reading.</summary>
internal sealed class MemoryFile : LogFile
{
    private const int BlockSize = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly List<byte[]> _blocks = [];
    private bool _gone;
    private long _length;

    public override long Length => Volatile.Read(ref _length);

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            while (bytes.Length > 0)
            {
                int within = (int)(_length % BlockSize);
                if (within == 0)
                    _blocks.Add(GC.AllocateUninitializedArray<byte>(BlockSize));
                int count = Math.Min(bytes.Length, BlockSize - within);
                bytes[..count].CopyTo(_blocks[^1].AsSpan(within));
                bytes = bytes[count..];
                _length += count;
            }
        }
    }

    public override int Read(long position, Span<byte> into)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_gone, this);
            int wanted = (int)Math.Clamp(_length - position, 0, into.Length);
            for (int done = 0; done < wanted;)
            {
                int within = (int)((position + done) % BlockSize);
                int count = Math.Min(wanted - done, BlockSize - within);
                _blocks[(int)((position + done) / BlockSize)].AsSpan(within, count).CopyTo(into[done..]);
                done += count;
            }
            return wanted;
        }
    }

    public override void Truncate(long length)
    {
        lock (_gate)
        {
            int blocks = (int)((length + BlockSize - 1) / BlockSize);
            _blocks.RemoveRange(blocks, _blocks.Count - blocks);
            _length = length;
        }
    }

    public override void Flush()
    {
    }

    public override void Rename(string path)
    {
    }

    public override void Delete() => Dispose();

    public override void Dispose()
    {
        lock (_gate)
        {
            _gone = true;
            _blocks.Clear();
            _length = 0;
        }
    }
}
