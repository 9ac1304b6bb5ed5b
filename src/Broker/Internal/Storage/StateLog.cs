using System.Buffers.Binary;
using Assay.Broker.Internal.Wire;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// The broker's own state (topics, group offsets, transactions) as one table of keys and values in one append-only file, <c>state.log</c>.
/// Each write is a frame (length, CRC-32C, changes) and so whole or absent after a crash, however many keys it changes. The file is rewritten
/// (beside it, then renamed) when it is several times larger than what it holds. Thread-safe.
/// </summary>
internal sealed class StateLog : IDisposable
{
    private const short Version = 1;
    private const int FrameHeader = 8;
    private const int RewriteAbove = 4 * 1024 * 1024;
    private const int RewriteFactor = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _table = [];
    private readonly string? _path;
    private readonly ILogger _logger;
    private readonly FileHandles _handles = new(most: 2);
    private LogFile _file;
    private long _liveBytes;

    /// <param name="path">Null: in memory.</param>
    /// <exception cref="BrokerException">The file is damaged elsewhere than at its end.</exception>
    public StateLog(string? path, ILogger logger)
    {
        _path = path;
        _logger = logger;
        _file = path is null ? new MemoryFile() : new DiskFile(path, _handles);
        byte[] all = new byte[_file.Length];
        _file.Read(0, all);
        int position = 0;
        while (TryFrame(all.AsMemory(position), out StateChange[] changes, out int size))
        {
            Apply(changes);
            position += size;
        }
        if (position == all.Length)
            return;
        for (int later = position + 1; path is not null && later <= all.Length - FrameHeader; later++)
            if (TryFrame(all.AsMemory(later), out _, out _))
                throw new BrokerException(
                    $"{path} is damaged: it holds no sound entry at byte {position}, but others behind it. Restore the file from a copy, or delete the data folder to begin it anew.");
        Log.StateTruncated(logger, all.Length - position);
        _file.Truncate(position);
    }

    /// <summary>All values under a prefix, decoded, with the rest of their keys.</summary>
    public List<(string Key, T Value)> All<T>(string prefix) where T : IMessage, new()
    {
        lock (_gate)
            return [.. _table.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(entry => (entry.Key[prefix.Length..], WireReader.Read<T>(entry.Value, Version, flexible: true)))];
    }

    /// <summary>One change: the value a key has from now on; null removes it.</summary>
    public static StateChange Change(string key, IMessage? value) =>
        new() { Key = key, Removed = value is null, Value = value is null ? [] : WireWriter.ToArray(value, Version, flexible: true) };

    /// <summary>Writes changes together; they are durable (against the death of the process) on return.</summary>
    public void Write(params StateChange[] changes)
    {
        if (changes.Length == 0)
            return;
        byte[] frame = Frame(changes);
        lock (_gate)
        {
            _file.Append(frame);
            Apply(changes);
            if (_file.Length > RewriteAbove && _file.Length > RewriteFactor * _liveBytes)
                Rewrite();
        }
    }

    /// <summary>As <see cref="Write"/>; false where the disk does not take it: then nothing has changed, and the caller says so to whoever asked.</summary>
    public bool TryWrite(params StateChange[] changes)
    {
        try
        {
            Write(changes);
            return true;
        }
        catch (IOException failure)
        {
            Log.WriteFailed(_logger, "state.log", failure);
            return false;
        }
    }

    /// <summary>The value of a key; null: it has none.</summary>
    public T? Find<T>(string key) where T : class, IMessage, new()
    {
        lock (_gate)
            return _table.TryGetValue(key, out byte[]? value) ? WireReader.Read<T>(value, Version, flexible: true) : null;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_path is not null)
                _file.Flush();
            _file.Dispose();
        }
    }

    private void Apply(StateChange[] changes)
    {
        foreach (StateChange change in changes)
        {
            if (_table.Remove(change.Key, out byte[]? old))
                _liveBytes -= change.Key.Length + old.Length;
            if (change.Removed)
                continue;
            _table[change.Key] = change.Value;
            _liveBytes += change.Key.Length + change.Value.Length;
        }
    }

    private void Rewrite()
    {
        LogFile next;
        string temporary = _path + ".new";
        if (_path is null)
            next = new MemoryFile();
        else
        {
            File.Delete(temporary);
            next = new DiskFile(temporary, _handles);
        }
        // In frames of some entries each, so that no frame is larger than an array may be.
        foreach (KeyValuePair<string, byte[]>[] part in _table.Chunk(1000))
            next.Append(Frame([.. part.Select(entry => new StateChange { Key = entry.Key, Value = entry.Value })]));
        if (_path is null)
        {
            _file = next;
            return;
        }
        next.Flush();
        next.Dispose();
        _file.Dispose();
        File.Move(temporary, _path, overwrite: true);
        _file = new DiskFile(_path, _handles);
    }

    private static byte[] Frame(StateChange[] changes)
    {
        byte[] body = WireWriter.ToArray(new StateFrame { Changes = changes }, Version, flexible: true);
        byte[] frame = new byte[FrameHeader + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), BatchHeader.Crc32C(body));
        body.CopyTo(frame.AsSpan(FrameHeader));
        return frame;
    }

    private static bool TryFrame(ReadOnlyMemory<byte> at, out StateChange[] changes, out int size)
    {
        changes = [];
        size = 0;
        if (at.Length < FrameHeader)
            return false;
        int length = BinaryPrimitives.ReadInt32BigEndian(at.Span);
        if (length <= 0 || length > at.Length - FrameHeader)
            return false;
        ReadOnlyMemory<byte> body = at.Slice(FrameHeader, length);
        if (BinaryPrimitives.ReadUInt32BigEndian(at.Span[4..]) != BatchHeader.Crc32C(body.Span))
            return false;
        changes = WireReader.Read<StateFrame>(body, Version, flexible: true).Changes;
        size = FrameHeader + length;
        return true;
    }

    private sealed class StateFrame : IMessage
    {
        public StateChange[] Changes = [];

        public void Visit(Codec codec)
        {
            codec.Array(ref Changes);
            codec.Tags();
        }
    }
}

/// <summary>A key of the <see cref="StateLog"/> and what becomes of it.</summary>
internal sealed class StateChange : IMessage
{
    public string Key = "";
    public bool Removed;
    public byte[] Value = [];

    public void Visit(Codec codec)
    {
        codec.String(ref Key);
        codec.Bool(ref Removed);
        codec.Bytes(ref Value);
        codec.Tags();
    }
}
