using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Persistence;

/// <summary>A core in an embedded database, with what has changed since the last commit in memory before it.</summary>
/// <remarks>
/// The database has the position under the key <c>0</c>, and entries as <see cref="EntryCodec{TKey, TValue}"/> writes them. Reads see the changed entries through the same keys.
/// After many changes the store asks for a commit, which bounds them.
/// </remarks>
internal sealed partial class PersistentStore<TKey, TValue> : StoreCore<TKey, TValue>, IPersistentStore where TKey : notnull
{
    private const int MostChanged = 20_000;

    private readonly StoreFormat<TKey, TValue> _format;
    private readonly KeyLayout _layout;
    private readonly EntryCodec<TKey, TValue> _codec;
    private readonly ITimedSerde<TValue>? _timed;
    private readonly StoreFolder _folder;
    private readonly Action _requestCommit;
    private readonly Dictionary<TKey, Entry> _changed = [];
    private readonly List<Entry> _dirty = [];
    private readonly ArrayBufferWriter<byte> _serialized = new();
    private readonly ArrayBufferWriter<byte> _valueBytes = new();
    private readonly Action<long> _acknowledged;
    private readonly OpenViews _views;
    private IStoreDatabase? _database;
    private IStoreBatch? _batch;
    private int _batched;
    private long _lastAcknowledged = -1;

    public PersistentStore(string name, StoreContext context, StoreFormat<TKey, TValue> format, StoreFolder folder) : base(name, context.ChangelogTopic)
    {
        _format = format;
        _layout = format.Layout ?? throw new StreamsException(
            $"Store '{name}' orders its keys by a comparer of its own, which an embedded engine can't follow: leave the order out, or keep the application's stores in memory.");
        _timed = format.ValueSerde as ITimedSerde<TValue>;
        _codec = new EntryCodec<TKey, TValue>(format, _layout, context.ChangelogTopic);
        _views = new OpenViews(name, context.TaskId);
        _folder = folder;
        _requestCommit = context.RequestCommit;
        // Called by Kafka's client on a thread of its own (rule 18).
        _acknowledged = offset => Volatile.Write(ref _lastAcknowledged, offset);
    }

    public override IPersistentStore Persistence => this;

    /// <summary>Counted when asked for, entry by entry.</summary>
    public override int Count => All().Count();

    public override bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_changed.TryGetValue(key, out Entry? entry))
        {
            value = entry.Value!;
            return entry.Present;
        }
        return TryRead(_codec.EntryKey(key), out value);
    }

    public override void Put(TKey key, TValue? value)
    {
        if (value is null)
            Delete(key);
        else
            Change(key, value, present: true);
    }

    public override bool Delete(TKey key)
    {
        if (!TryGet(key, out _))
            return false;
        Change(key, default, present: false);
        return true;
    }

    public override void Forget(TKey key)
    {
        Entry entry = Find(key);
        entry.Present = false;
        entry.Value = default;
        Write(entry);
    }

    public override void Restore(RawBytes key, RawBytes value, long timestamp)
    {
        _serialized.ResetWrittenCount();
        _serialized.Write(key.Span);
        if (_format.TimestampInRecord)
            Serdes.Long.Serialize(timestamp, _serialized, _codec.KeyContext);
        // Also where the database has it: what can't be read must be found now.
        TKey typedKey = _format.KeySerde.Deserialize(_serialized.WrittenSpan, _codec.KeyContext);
        Entry entry = new(typedKey, _codec.EntryKey(typedKey).ToArray(), _codec.TimeKey(typedKey)) { Present = !value.IsNull || _format.TimestampInRecord };
        if (!value.IsNull)
            entry.Value = _timed is null ? _format.ValueSerde.Deserialize(value.Span, _codec.ValueContext) : _timed.Read(value.Span, timestamp, _codec.ValueContext);
        LowerTimeFloor(entry);
        Write(entry);
    }

    public override void Flush(IChangelog? changelog)
    {
        if (_format is { TimestampInRecord: true, Time: { } time } && _dirty.Count > 1)
            _dirty.Sort((x, y) => time(x.Key).CompareTo(time(y.Key)));
        for (int i = 0; i < _dirty.Count; i++)
        {
            Entry entry = _dirty[i];
            entry.Dirty = false;
            if (changelog is not null)
                Append(entry, changelog, i == _dirty.Count - 1 ? _acknowledged : null);
            Write(entry);
        }
        _dirty.Clear();
        Flushes++;
    }

    private void Append(Entry entry, IChangelog changelog, Action<long>? acknowledged)
    {
        _serialized.ResetWrittenCount();
        _format.KeySerde.Serialize(entry.Key, _serialized, _codec.KeyContext);
        ReadOnlySpan<byte> key = _serialized.WrittenSpan;
        long? timestamp = null;
        if (_format.TimestampInRecord)
        {
            timestamp = BinaryPrimitives.ReadInt64BigEndian(key[^sizeof(long)..]);
            key = key[..^sizeof(long)];
        }
        if (!entry.Present || _format.IsTombstone?.Invoke(entry.Value!) == true)
        {
            changelog.Append(ChangelogTopic, new RawBytes(key), RawBytes.Null, timestamp, acknowledged);
            return;
        }
        _valueBytes.ResetWrittenCount();
        if (_timed is null)
            _format.ValueSerde.Serialize(entry.Value!, _valueBytes, _codec.ValueContext);
        else
            timestamp = _timed.Write(entry.Value!, _valueBytes, _codec.ValueContext);
        changelog.Append(ChangelogTopic, new RawBytes(key), new RawBytes(_valueBytes.WrittenSpan), timestamp, acknowledged);
    }

    /// <summary>Puts an entry's state into the batch.</summary>
    private void Write(Entry entry)
    {
        _batch ??= Database.CreateBatch();
        _batched++;
        if (!entry.Present)
        {
            _batch.Delete(entry.Bytes);
            if (entry.TimeBytes is not null)
                _batch.Delete(entry.TimeBytes);
            return;
        }
        _batch.Put(entry.Bytes, _codec.Value(entry.Value!));
        if (entry.TimeBytes is not null)
            _batch.Put(entry.TimeBytes, []);
    }

    private bool TryRead(ReadOnlySpan<byte> entryKey, [MaybeNullWhen(false)] out TValue value)
    {
        _valueBytes.ResetWrittenCount();
        try
        {
            if (!Database.TryGet(entryKey, _valueBytes))
            {
                value = default;
                return false;
            }
        }
        catch (StoreEngineException exception)
        {
            throw _folder.Failed(exception);
        }
        value = _codec.ValueOf(_valueBytes.WrittenSpan);
        return true;
    }

    private void Change(TKey key, TValue? value, bool present)
    {
        Entry entry = Find(key);
        entry.Value = value;
        entry.Present = present;
        if (entry.Dirty)
            return;
        entry.Dirty = true;
        _dirty.Add(entry);
        if (_dirty.Count == MostChanged)
            _requestCommit();
    }

    private Entry Find(TKey key)
    {
        if (_changed.TryGetValue(key, out Entry? entry))
            return entry;
        entry = new Entry(key, _codec.EntryKey(key).ToArray(), _codec.TimeKey(key));
        _changed.Add(key, entry);
        _sorted?.Add(new Place(entry.Bytes, entry));
        if (entry.TimeBytes is not null)
            _sorted?.Add(new Place(entry.TimeBytes, entry));
        LowerTimeFloor(entry);
        return entry;
    }

    /// <summary>A changed entry: what it is now, whatever the database holds.</summary>
    private sealed class Entry(TKey key, byte[] bytes, byte[]? timeBytes)
    {
        public readonly TKey Key = key;
        public readonly byte[] Bytes = bytes;
        public readonly byte[]? TimeBytes = timeBytes;
        public TValue? Value;
        public bool Present;
        public bool Dirty;
    }
}
