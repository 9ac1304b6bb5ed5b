using Microsoft.Win32.SafeHandles;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// A <see cref="LogFile"/> on disk, opened when it is needed and closed when others need their turn (<see cref="FileHandles"/>). What was appended is in the
/// system's page cache when the call returns: it outlives this process.
/// </summary>
internal sealed class DiskFile : LogFile
{
    private string _path;
    private readonly FileHandles _handles;
    private SafeFileHandle? _handle;
    private bool _used;
    private bool _gone;
    private long _length;
    private long _flushed;

    /// <summary>The file at <paramref name="path"/>, made where there is none.</summary>
    public DiskFile(string path, FileHandles handles)
    {
        _path = path;
        _handles = handles;
        FileInfo found = new(path);
        if (found.Exists)
            _length = _flushed = found.Length;
        else
            Open();
    }

    public override long Length => Volatile.Read(ref _length);

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        // A write that fails half-way leaves bytes behind the length, where the next write overwrites them and recovery cuts them off.
        while (true)
            try
            {
                RandomAccess.Write(Handle(), bytes, _length);
                break;
            }
            catch (ObjectDisposedException) when (!_gone)
            {
                // Closed for another file between the two: opened again.
            }
            catch (ArgumentOutOfRangeException failure)
            {
                // .NET's word for a file that the system does not let grow (EFBIG).
                throw new IOException($"{_path} may not grow any more.", failure);
            }
        Volatile.Write(ref _length, _length + bytes.Length);
    }

    public override int Read(long position, Span<byte> into)
    {
        int wanted = (int)Math.Clamp(Length - position, 0, into.Length);
        int done = 0;
        while (done < wanted)
            try
            {
                int read = RandomAccess.Read(Handle(), into[done..wanted], position + done);
                if (read == 0)
                    break;
                done += read;
            }
            catch (ObjectDisposedException) when (!_gone)
            {
                // As above.
            }
        return done;
    }

    public override void Truncate(long length)
    {
        lock (_handles.Gate)
            RandomAccess.SetLength(_handle ?? OpenLocked(), length);
        Volatile.Write(ref _length, length);
    }

    public override void Flush()
    {
        long length = Length;
        if (length == _flushed)
            return;
        while (true)
            try
            {
                RandomAccess.FlushToDisk(Handle());
                break;
            }
            catch (ObjectDisposedException) when (!_gone)
            {
                // As above.
            }
        _flushed = length;
    }

    public override void Rename(string path)
    {
        lock (_handles.Gate)
        {
            File.Move(_path, path, overwrite: true);
            _path = path;
        }
    }

    public override void Delete()
    {
        Dispose();
        File.Delete(_path);
    }

    /// <summary>Closes the file for good: whoever uses it from now on gets an <see cref="ObjectDisposedException"/>, whatever stands at its path then.</summary>
    public override void Dispose()
    {
        lock (_handles.Gate)
        {
            _gone = true;
            if (_handle is null)
                return;
            _handle.Dispose();
            _handle = null;
            _handles.Remove(this);
        }
    }

    /// <summary>Closes the file for the time being, unless it was used since this was asked last. The caller holds the gate of the handles.</summary>
    public bool CloseUnlessUsed()
    {
        if (_used)
        {
            _used = false;
            return false;
        }
        _handle?.Dispose();
        _handle = null;
        return true;
    }

    private SafeFileHandle Handle()
    {
        _used = true;
        return Volatile.Read(ref _handle) ?? Open();
    }

    private SafeFileHandle Open()
    {
        lock (_handles.Gate)
            return _handle ?? OpenLocked();
    }

    private SafeFileHandle OpenLocked()
    {
        ObjectDisposedException.ThrowIf(_gone, this);
        SafeFileHandle opened = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _handles.Add(this);
        return _handle = opened;
    }
}
