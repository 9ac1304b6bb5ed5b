using Microsoft.Win32.SafeHandles;

namespace Assay.Broker.Internal.Storage;

/// <summary>A <see cref="LogFile"/> on disk. What was appended is in the system's page cache when the call returns: it outlives this process.</summary>
internal sealed class DiskFile : LogFile
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private long _length;

    public DiskFile(string path)
    {
        _path = path;
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _length = RandomAccess.GetLength(_handle);
    }

    public override long Length => Volatile.Read(ref _length);

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        // A write that fails half-way leaves bytes behind the length, where the next write overwrites them and recovery cuts them off.
        RandomAccess.Write(_handle, bytes, _length);
        Volatile.Write(ref _length, _length + bytes.Length);
    }

    public override int Read(long position, Span<byte> into)
    {
        int wanted = (int)Math.Clamp(Length - position, 0, into.Length);
        int done = 0;
        while (done < wanted)
        {
            int read = RandomAccess.Read(_handle, into[done..wanted], position + done);
            if (read == 0)
                break;
            done += read;
        }
        return done;
    }

    public override void Truncate(long length)
    {
        RandomAccess.SetLength(_handle, length);
        Volatile.Write(ref _length, length);
    }

    public override void Flush() => RandomAccess.FlushToDisk(_handle);

    public override void Delete()
    {
        _handle.Dispose();
        File.Delete(_path);
    }

    public override void Dispose() => _handle.Dispose();
}
