using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Persistence;

/// <summary>What a database held at a commit, for queries on any thread: one cursor, which goes on seeing that (rule 27). The processing thread only waits for it to close.</summary>
internal sealed class CommittedView<TKey, TValue> : IOrderedEntries<TKey, TValue> where TKey : notnull
{
    private const int Chunk = 256;
    private readonly OpenViews _views;
    private readonly EntryCodec<TKey, TValue> _codec;
    private readonly IStoreCursor _cursor;

    public CommittedView(OpenViews views, IStoreDatabase database, EntryCodec<TKey, TValue> codec)
    {
        _views = views;
        _codec = codec;
        _cursor = views.Open(database);
    }

    // Nobody tells when the last query of it has ended.
    ~CommittedView() => _views.Close(_cursor);

    public int Count => All().Count();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_views)
        {
            _views.Check(_cursor);
            return TryRead(_codec.EntryKey(key), out value);
        }
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to)
    {
        byte[] first, end;
        lock (_views)
        {
            first = _codec.EntryKey(from).ToArray();
            end = EntryCodec<TKey, TValue>.After(_codec.EntryKey(to));
        }
        return Entries(first, end);
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> All() => Entries([EntryCodec<TKey, TValue>.EntryPrefix], [EntryCodec<TKey, TValue>.EntryPrefix + 1]);

    public bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last)
    {
        lock (_views)
        {
            _views.Check(_cursor);
            if (_cursor.SeekBelow(EntryCodec<TKey, TValue>.After(_codec.EntryKey(to))) && _cursor.Key.SequenceCompareTo(_codec.EntryKey(from)) >= 0)
            {
                last = new KeyValuePair<TKey, TValue>(_codec.KeyOf(_cursor.Key[1..]), _codec.ValueOf(_cursor.Value));
                return true;
            }
        }
        last = default;
        return false;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to)
    {
        (byte[] first, byte[] end) = EntryCodec<TKey, TValue>.TimeBounds(from, to);
        return from > to ? [] : Chunks(first, end, ReadByTime);
    }

    public IOrderedEntries<TKey, TValue> Pin() => this;

    private IEnumerable<KeyValuePair<TKey, TValue>> Entries(byte[] first, byte[] end) => Chunks(first, end, static (view, keys) =>
    {
        List<KeyValuePair<TKey, TValue>> entries = new(keys.Count);
        foreach (byte[] key in keys)
        {
            if (view.TryRead(key, out TValue? value))
                entries.Add(new KeyValuePair<TKey, TValue>(view._codec.KeyOf(key.AsSpan(1)), value));
        }
        return entries;
    });

    private static List<KeyValuePair<TKey, TValue>> ReadByTime(CommittedView<TKey, TValue> view, List<byte[]> timeKeys)
    {
        List<KeyValuePair<TKey, TValue>> entries = new(timeKeys.Count);
        foreach (byte[] timeKey in timeKeys)
        {
            byte[] key = EntryCodec<TKey, TValue>.EntryKeyOf(timeKey);
            if (view.TryRead(key, out TValue? value))
                entries.Add(new KeyValuePair<TKey, TValue>(view._codec.KeyOf(key.AsSpan(1)), value));
        }
        return entries;
    }

    /// <summary>Reads some at a time, so that closing waits for no reader that is slow.</summary>
    private IEnumerable<KeyValuePair<TKey, TValue>> Chunks(
        byte[] first, byte[] end, Func<CommittedView<TKey, TValue>, List<byte[]>, List<KeyValuePair<TKey, TValue>>> read)
    {
        byte[] next = first;
        while (true)
        {
            List<byte[]> keys = new(Chunk);
            List<KeyValuePair<TKey, TValue>> entries;
            lock (_views)
            {
                _views.Check(_cursor);
                bool found = _cursor.SeekFrom(next);
                while (found && keys.Count < Chunk && _cursor.Key.SequenceCompareTo(end) < 0)
                {
                    keys.Add(_cursor.Key.ToArray());
                    found = _cursor.Next();
                }
                entries = read(this, keys);
            }
            foreach (KeyValuePair<TKey, TValue> entry in entries)
                yield return entry;
            if (keys.Count < Chunk)
                yield break;
            next = EntryCodec<TKey, TValue>.After(keys[^1]);
        }
    }

    private bool TryRead(ReadOnlySpan<byte> entryKey, [MaybeNullWhen(false)] out TValue value)
    {
        if (_cursor.SeekFrom(entryKey) && _cursor.Key.SequenceEqual(entryKey))
        {
            value = _codec.ValueOf(_cursor.Value);
            return true;
        }
        value = default;
        return false;
    }
}

/// <summary>The views of a store that are open: its lock is held while one is read and while the database closes.</summary>
internal sealed class OpenViews(string store, TaskId taskId)
{
    private readonly HashSet<IStoreCursor> _cursors = [];

    public IStoreCursor Open(IStoreDatabase database)
    {
        IStoreCursor cursor = database.OpenCursor();
        lock (this)
            _cursors.Add(cursor);
        return cursor;
    }

    public void Close(IStoreCursor cursor)
    {
        lock (this)
        {
            if (_cursors.Remove(cursor))
                cursor.Dispose();
        }
    }

    public void CloseAll()
    {
        lock (this)
        {
            foreach (IStoreCursor cursor in _cursors)
                cursor.Dispose();
            _cursors.Clear();
        }
    }

    /// <exception cref="InvalidStateStoreException">The store has been closed.</exception>
    public void Check(IStoreCursor cursor)
    {
        if (!_cursors.Contains(cursor))
            throw new InvalidStateStoreException($"Store '{store}' of task {taskId} was closed during the query: its task has moved or stopped; ask again.");
    }
}
