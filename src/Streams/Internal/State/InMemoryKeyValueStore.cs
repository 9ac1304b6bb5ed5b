using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

internal sealed class KeyValueStoreBuilder<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, IComparer<TKey>? order)
    : StoreBuilder(name) where TKey : notnull
{
    internal override ManagedStore Build(string changelogTopic) => new InMemoryKeyValueStore<TKey, TValue>(Name, changelogTopic, keySerde, valueSerde, order);
}

/// <summary>A hash table from keys to entries, and from the first range scan on a sorted index of its keys.</summary>
/// <remarks>A deleted entry stays in the table as a gravestone until the next flush has written its tombstone, so that a key is written
/// at most once per commit whatever happened to it.</remarks>
internal sealed class InMemoryKeyValueStore<TKey, TValue> : ManagedStore, IKeyValueStore<TKey, TValue> where TKey : notnull
{
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly List<Entry> _dirty = [];
    private readonly ISerde<TKey> _keySerde;
    private readonly ISerde<TValue> _valueSerde;
    private readonly ITimedSerde<TValue>? _timed;
    private readonly IComparer<TKey> _order;
    private readonly SerdeContext _keyContext;
    private readonly SerdeContext _valueContext;
    private readonly ArrayBufferWriter<byte> _keyBytes = new();
    private readonly ArrayBufferWriter<byte> _valueBytes = new();
    private SortedKeys<TKey>? _sorted;

    public InMemoryKeyValueStore(string name, string changelogTopic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, IComparer<TKey>? order)
        : base(name, changelogTopic)
    {
        _keySerde = keySerde;
        _valueSerde = valueSerde;
        _timed = valueSerde as ITimedSerde<TValue>;
        _order = order ?? (typeof(TKey) == typeof(string) ? (IComparer<TKey>)(object)StringComparer.Ordinal : Comparer<TKey>.Default);
        _keyContext = new SerdeContext(changelogTopic, IsKey: true);
        _valueContext = new SerdeContext(changelogTopic, IsKey: false);
    }

    public int Count { get; private set; }

    public TValue? Get(TKey key) => TryGet(key, out TValue? value) ? value : default;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_entries.TryGetValue(key, out Entry? entry) && entry.Present)
        {
            value = entry.Value!;
            return true;
        }
        value = default;
        return false;
    }

    public void Put(TKey key, TValue? value)
    {
        if (value is null)
        {
            Delete(key);
            return;
        }
        MarkDirty(Set(key, value));
    }

    public bool Delete(TKey key)
    {
        if (!_entries.TryGetValue(key, out Entry? entry) || !entry.Present)
            return false;
        entry.Present = false;
        entry.Value = default;
        Count--;
        _sorted?.Remove(key);
        MarkDirty(entry);
        return true;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) => Entries(Sorted().Range(from, to));

    public IEnumerable<KeyValuePair<TKey, TValue>> All() => Entries(Sorted().All());

    public override void Restore(RawBytes key, RawBytes value, long timestamp)
    {
        TKey typedKey = _keySerde.Deserialize(key.Span, _keyContext);
        if (!value.IsNull)
        {
            Set(typedKey, _timed is null ? _valueSerde.Deserialize(value.Span, _valueContext) : _timed.Read(value.Span, timestamp, _valueContext));
        }
        else if (_entries.Remove(typedKey))
        {
            Count--;
            _sorted?.Remove(typedKey);
        }
    }

    public override void Flush(IChangelog? changelog)
    {
        foreach (Entry entry in _dirty)
        {
            entry.Dirty = false;
            if (!entry.Present)
                _entries.Remove(entry.Key);
            if (changelog is not null)
                Write(entry, changelog);
        }
        _dirty.Clear();
    }

    private void Write(Entry entry, IChangelog changelog)
    {
        _keyBytes.ResetWrittenCount();
        _keySerde.Serialize(entry.Key, _keyBytes, _keyContext);
        if (!entry.Present)
        {
            changelog.Append(ChangelogTopic, new RawBytes(_keyBytes.WrittenSpan), RawBytes.Null, timestamp: null);
            return;
        }
        _valueBytes.ResetWrittenCount();
        long? time = null;
        if (_timed is null)
            _valueSerde.Serialize(entry.Value!, _valueBytes, _valueContext);
        else
            time = _timed.Write(entry.Value!, _valueBytes, _valueContext);
        changelog.Append(ChangelogTopic, new RawBytes(_keyBytes.WrittenSpan), new RawBytes(_valueBytes.WrittenSpan), time);
    }

    private Entry Set(TKey key, TValue value)
    {
        if (!_entries.TryGetValue(key, out Entry? entry))
            _entries.Add(key, entry = new Entry(key));
        if (!entry.Present)
        {
            entry.Present = true;
            Count++;
            _sorted?.Add(key);
        }
        entry.Value = value;
        return entry;
    }

    private void MarkDirty(Entry entry)
    {
        if (entry.Dirty)
            return;
        entry.Dirty = true;
        _dirty.Add(entry);
    }

    private IEnumerable<KeyValuePair<TKey, TValue>> Entries(IEnumerable<TKey> keys)
    {
        foreach (TKey key in keys)
            yield return new KeyValuePair<TKey, TValue>(key, _entries[key].Value!);
    }

    private SortedKeys<TKey> Sorted()
    {
        if (_sorted is null)
        {
            List<TKey> keys = new(Count);
            foreach (Entry entry in _entries.Values)
            {
                if (entry.Present)
                    keys.Add(entry.Key);
            }
            keys.Sort(_order);
            _sorted = new SortedKeys<TKey>(_order);
            foreach (TKey key in keys)
                _sorted.Add(key);
        }
        return _sorted;
    }

    private sealed class Entry(TKey key)
    {
        public readonly TKey Key = key;
        public TValue? Value;
        public bool Present;
        public bool Dirty;
    }
}
