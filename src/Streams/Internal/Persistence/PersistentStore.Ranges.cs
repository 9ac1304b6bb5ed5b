using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Persistence;

/// <remarks>A range merges the database's keys with the changed ones, which hide them. Each step asks both for the first key from where it stands, so changes under it are seen.</remarks>
internal sealed partial class PersistentStore<TKey, TValue>
{
    private static readonly IComparer<Place> PlaceOrder = Comparer<Place>.Create(static (x, y) => x.Key.AsSpan().SequenceCompareTo(y.Key));

    /// <summary>The changed entries by both their keys, from the first range since the last commit on.</summary>
    private SortedKeys<Place>? _sorted;

    /// <summary>Counts the writes to the database: its cursors see it as it was when they were opened.</summary>
    private int _version;

    /// <summary>No entry has an earlier time. Spares a walk over what was deleted at the front, which the database keeps for a while.</summary>
    private long _timeFloor = long.MinValue;

    public override IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) => Entries(_codec.EntryKey(from).ToArray(), After(_codec.EntryKey(to)));

    public override IEnumerable<KeyValuePair<TKey, TValue>> All() => Entries([EntryCodec<TKey, TValue>.EntryPrefix], [EntryCodec<TKey, TValue>.EntryPrefix + 1]);

    public override bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last)
    {
        byte[] first = _codec.EntryKey(from).ToArray(), end = After(_codec.EntryKey(to));
        try
        {
            using IStoreCursor cursor = Database.OpenCursor();
            while (true)
            {
                bool changed = Sorted().TryBelow(new Place(end, null), out Place place) && place.Key.AsSpan().SequenceCompareTo(first) >= 0;
                bool stored = cursor.SeekBelow(end) && cursor.Key.SequenceCompareTo(first) >= 0;
                if (!changed && !stored)
                {
                    last = default;
                    return false;
                }
                if (stored && (!changed || cursor.Key.SequenceCompareTo(place.Key) > 0))
                {
                    last = new KeyValuePair<TKey, TValue>(_codec.KeyOf(cursor.Key[1..]), _codec.ValueOf(cursor.Value));
                    return true;
                }
                if (place.Entry!.Present)
                {
                    last = new KeyValuePair<TKey, TValue>(place.Entry.Key, place.Entry.Value!);
                    return true;
                }
                end = place.Key;
            }
        }
        catch (StoreEngineException exception)
        {
            throw _folder.Failed(exception);
        }
    }

    public override IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to)
    {
        bool fromFloor = from <= _timeFloor;
        if (to < _timeFloor)
            yield break;
        (byte[] first, byte[] end) = EntryCodec<TKey, TValue>.TimeBounds(fromFloor ? _timeFloor : from, to);
        using Merge merge = new(this, first, end);
        while (merge.MoveNext())
        {
            if (fromFloor)
            {
                _timeFloor = EntryCodec<TKey, TValue>.TimeOf(merge.Key);
                fromFloor = false;
            }
            if (merge.Entry is { } entry)
            {
                yield return new KeyValuePair<TKey, TValue>(entry.Key, entry.Value!);
                continue;
            }
            byte[] entryKey = EntryCodec<TKey, TValue>.EntryKeyOf(merge.Key);
            if (!TryRead(entryKey, out TValue? value))
                throw _folder.Failed(new StoreEngineException("An entry is missing that its time points to.", corrupt: true));
            yield return new KeyValuePair<TKey, TValue>(_codec.KeyOf(entryKey.AsSpan(1)), value);
        }
        if (fromFloor)
            _timeFloor = to == long.MaxValue ? to : to + 1;
    }

    private void LowerTimeFloor(Entry entry)
    {
        if (_format.Time is { } time)
            _timeFloor = Math.Min(_timeFloor, time(entry.Key));
    }

    private IEnumerable<KeyValuePair<TKey, TValue>> Entries(byte[] first, byte[] end)
    {
        using Merge merge = new(this, first, end);
        while (merge.MoveNext())
        {
            yield return merge.Entry is { } entry
                ? new KeyValuePair<TKey, TValue>(entry.Key, entry.Value!)
                : new KeyValuePair<TKey, TValue>(_codec.KeyOf(merge.Key.AsSpan(1)), _codec.ValueOf(merge.StoredValue));
        }
    }

    private SortedKeys<Place> Sorted() => _sorted ??= new SortedKeys<Place>(PlaceOrder, _changed.Values.SelectMany(static entry =>
        entry.TimeBytes is null ? new[] { new Place(entry.Bytes, entry) } : [new Place(entry.Bytes, entry), new Place(entry.TimeBytes, entry)]));

    private static byte[] After(ReadOnlySpan<byte> key) => EntryCodec<TKey, TValue>.After(key);

    private readonly record struct Place(byte[] Key, Entry? Entry);

    /// <summary>Walks both from <paramref name="first"/> up to, and without, <paramref name="end"/>.</summary>
    private sealed class Merge(PersistentStore<TKey, TValue> store, byte[] first, byte[] end) : IDisposable
    {
        private byte[] _next = first;
        private IStoreCursor? _cursor;
        private int _version;
        private bool _onKey;

        public byte[] Key { get; private set; } = [];

        /// <summary>Null where the database has it.</summary>
        public Entry? Entry { get; private set; }

        public ReadOnlySpan<byte> StoredValue => _cursor!.Value;

        public bool MoveNext()
        {
            try
            {
                while (true)
                {
                    Seek();
                    bool changed = store.Sorted().TryFrom(new Place(_next, null), out Place place) && place.Key.AsSpan().SequenceCompareTo(end) < 0;
                    bool stored = _onKey && _cursor!.Key.SequenceCompareTo(end) < 0;
                    if (!changed && !stored)
                        return false;
                    if (stored && (!changed || _cursor!.Key.SequenceCompareTo(place.Key) < 0))
                    {
                        Key = _cursor!.Key.ToArray();
                        Entry = null;
                        _next = After(Key);
                        return true;
                    }
                    _next = After(place.Key);
                    if (!place.Entry!.Present)
                        continue;
                    Key = place.Key;
                    Entry = place.Entry;
                    return true;
                }
            }
            catch (StoreEngineException exception)
            {
                throw store._folder.Failed(exception);
            }
        }

        public void Dispose() => _cursor?.Dispose();

        /// <summary>Sets the cursor on the first key that has not been passed.</summary>
        private void Seek()
        {
            if (_cursor is null || _version != store._version)
            {
                _cursor?.Dispose();
                _cursor = store.Database.OpenCursor();
                _version = store._version;
                _onKey = _cursor.SeekFrom(_next);
            }
            while (_onKey && _cursor.Key.SequenceCompareTo(_next) < 0)
                _onKey = _cursor.Next();
        }
    }
}
