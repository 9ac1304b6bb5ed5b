using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>A hash table from keys to entries, and from the first range scan on a sorted index of its keys; the same for times.</summary>
/// <remarks>A deleted entry stays in the table as a gravestone until the next flush has written its tombstone, so that a key is written
/// at most once per commit whatever happened to it.</remarks>
internal sealed class InMemoryKeyValueStore<TKey, TValue> : StoreCore<TKey, TValue> where TKey : notnull
{
    private readonly EntryTable<TKey, TValue> _entries = new();
    private readonly List<StoreEntry<TKey, TValue>> _dirty = [];
    private readonly StoreFormat<TKey, TValue> _format;
    private readonly ITimedSerde<TValue>? _timed;
    private readonly SerdeContext _keyContext;
    private readonly SerdeContext _valueContext;
    private readonly ArrayBufferWriter<byte> _keyBytes = new();
    private readonly ArrayBufferWriter<byte> _valueBytes = new();
    private SortedKeys<TKey>? _sorted;
    private SortedKeys<Timed>? _sortedByTime;
    private CommittedCopy<TKey, TValue>? _committed;
    private int _count;

    public InMemoryKeyValueStore(string name, string changelogTopic, StoreFormat<TKey, TValue> format) : base(name, changelogTopic)
    {
        _format = format;
        _timed = format.ValueSerde as ITimedSerde<TValue>;
        _keyContext = new SerdeContext(changelogTopic, IsKey: true);
        _valueContext = new SerdeContext(changelogTopic, IsKey: false);
    }

    public override int Count => _count;

    public override TValue? Get(TKey key) => TryGet(key, out TValue? value) ? value : default;

    public override bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_entries.Find(key) is { Present: true } entry)
        {
            value = entry.Value!;
            return true;
        }
        value = default;
        return false;
    }

    public override void Put(TKey key, TValue? value)
    {
        if (value is null)
        {
            Delete(key);
            return;
        }
        MarkDirty(Set(key, value));
    }

    public override bool Delete(TKey key)
    {
        if (_entries.Find(key) is not { Present: true } entry)
            return false;
        Unset(entry);
        MarkDirty(entry);
        return true;
    }

    public override void Forget(TKey key)
    {
        if (!_entries.Remove(key, out StoreEntry<TKey, TValue>? entry))
            return;
        Unset(entry);
        _committed?.Changed(key);
    }

    public override IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) => Entries(Sorted().Range(from, to));

    /// <summary>Makes no index where there is none: whoever reads all once, at its start, would pay for it with every key from then on.</summary>
    public override IEnumerable<KeyValuePair<TKey, TValue>> All() => _sorted is null ? EntriesOf([.. Keys().Order(_format.Order)]) : Entries(_sorted.All());

    public override bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last)
    {
        if (Sorted().TryLast(from, to, out TKey? key))
        {
            last = new KeyValuePair<TKey, TValue>(key, _entries.Find(key)!.Value!);
            return true;
        }
        last = default;
        return false;
    }

    public override IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to)
    {
        foreach (Timed timed in SortedByTime().Range(new Timed(from, default!, Side.Before), new Timed(to, default!, Side.After)))
            yield return new KeyValuePair<TKey, TValue>(timed.Key, _entries.Find(timed.Key)!.Value!);
    }

    public override void Restore(RawBytes key, RawBytes value, long timestamp)
    {
        TKey typedKey;
        if (_format.TimestampInRecord)
        {
            _keyBytes.ResetWrittenCount();
            _keyBytes.Write(key.Span);
            Serdes.Long.Serialize(timestamp, _keyBytes, in _keyContext);
            typedKey = _format.KeySerde.Deserialize(_keyBytes.WrittenSpan, _keyContext);
        }
        else
        {
            typedKey = _format.KeySerde.Deserialize(key.Span, _keyContext);
        }
        if (!value.IsNull)
            Set(typedKey, _timed is null ? _format.ValueSerde.Deserialize(value.Span, _valueContext) : _timed.Read(value.Span, timestamp, _valueContext));
        else if (_format.TimestampInRecord)
            Set(typedKey, default!);
        else if (_entries.Remove(typedKey, out StoreEntry<TKey, TValue>? entry))
            Unset(entry);
    }

    public override void Flush(IChangelog? changelog)
    {
        if (_format is { TimestampInRecord: true, Time: { } time } && _dirty.Count > 1)
            _dirty.Sort((x, y) => time(x.Key).CompareTo(time(y.Key)));
        foreach (StoreEntry<TKey, TValue> entry in _dirty)
        {
            entry.Dirty = false;
            _committed?.Changed(entry.Key);
            if (!entry.Present)
                _entries.Remove(entry.Key, out _);
            if (changelog is not null)
                Write(entry, changelog);
        }
        _dirty.Clear();
        Flushes++;
    }

    public override object? Publish()
    {
        _committed ??= new CommittedCopy<TKey, TValue>(this, [.. Keys()], _format, _valueContext);
        // What is dirty would come into the copy uncommitted.
        if (_dirty.Count == 0)
            _committed.Publish();
        return _committed.Published;
    }

    private void Write(StoreEntry<TKey, TValue> entry, IChangelog changelog)
    {
        _keyBytes.ResetWrittenCount();
        _format.KeySerde.Serialize(entry.Key, _keyBytes, _keyContext);
        ReadOnlySpan<byte> key = _keyBytes.WrittenSpan;
        long? timestamp = null;
        if (_format.TimestampInRecord)
        {
            timestamp = BinaryPrimitives.ReadInt64BigEndian(key[^sizeof(long)..]);
            key = key[..^sizeof(long)];
        }
        if (!entry.Present || _format.IsTombstone?.Invoke(entry.Value!) == true)
        {
            changelog.Append(ChangelogTopic, new RawBytes(key), RawBytes.Null, timestamp);
            return;
        }
        _valueBytes.ResetWrittenCount();
        if (_timed is null)
            _format.ValueSerde.Serialize(entry.Value!, _valueBytes, _valueContext);
        else
            timestamp = _timed.Write(entry.Value!, _valueBytes, _valueContext);
        changelog.Append(ChangelogTopic, new RawBytes(key), new RawBytes(_valueBytes.WrittenSpan), timestamp);
    }

    private StoreEntry<TKey, TValue> Set(TKey key, TValue value)
    {
        StoreEntry<TKey, TValue> entry = _entries.Find(key) ?? _entries.Add(key);
        if (!entry.Present)
        {
            entry.Present = true;
            _count++;
            _sorted?.Add(key);
            _sortedByTime?.Add(TimedOf(key));
        }
        entry.Value = value;
        return entry;
    }

    private void Unset(StoreEntry<TKey, TValue> entry)
    {
        entry.Present = false;
        entry.Value = default;
        _count--;
        _sorted?.Remove(entry.Key);
        _sortedByTime?.Remove(TimedOf(entry.Key));
    }

    private void MarkDirty(StoreEntry<TKey, TValue> entry)
    {
        if (entry.Dirty)
            return;
        entry.Dirty = true;
        _dirty.Add(entry);
    }

    private IEnumerable<KeyValuePair<TKey, TValue>> Entries(IEnumerable<TKey> keys)
    {
        foreach (TKey key in keys)
            yield return new KeyValuePair<TKey, TValue>(key, _entries.Find(key)!.Value!);
    }

    /// <summary>Of the keys that are still there when their turn comes.</summary>
    private IEnumerable<KeyValuePair<TKey, TValue>> EntriesOf(TKey[] keys)
    {
        foreach (TKey key in keys)
        {
            if (TryGet(key, out TValue? value))
                yield return new KeyValuePair<TKey, TValue>(key, value);
        }
    }

    private SortedKeys<TKey> Sorted() => _sorted ??= new SortedKeys<TKey>(_format.Order, Keys());

    private SortedKeys<Timed> SortedByTime() => _sortedByTime ??= new SortedKeys<Timed>(TimeOrder, Keys().Select(TimedOf));

    private IEnumerable<TKey> Keys() => _entries.All().Where(static entry => entry.Present).Select(static entry => entry.Key);

    private Timed TimedOf(TKey key) => new(_format.Time!(key), key, Side.At);

    private IComparer<Timed> TimeOrder => Comparer<Timed>.Create((x, y) =>
    {
        int order = x.Time.CompareTo(y.Time);
        if (order == 0)
            order = x.Side.CompareTo(y.Side);
        return order != 0 || x.Side != Side.At ? order : _format.Order.Compare(x.Key, y.Key);
    });

    /// <summary>A key at its time, or a bound beside all keys of a time.</summary>
    private readonly record struct Timed(long Time, TKey Key, Side Side);

    private enum Side : byte
    {
        Before,
        At,
        After,
    }
}
