using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>A key and its value's bytes.</summary>
internal readonly record struct CommittedEntry<TKey>(TKey Key, byte[] Value);

/// <summary>What a store held at a commit: bytes, since the values themselves may be changed in place, in a tree that shares what did not change with those before and after it.</summary>
internal sealed class CommittedEntries<TKey, TValue>(ImmutableSortedSet<CommittedEntry<TKey>> entries, StoreFormat<TKey, TValue> format, SerdeContext valueContext)
    : IOrderedEntries<TKey, TValue> where TKey : notnull
{
    public int Count => entries.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (entries.TryGetValue(Probe(key), out CommittedEntry<TKey> found))
        {
            value = format.ReadStored(found.Value, valueContext);
            return true;
        }
        value = default;
        return false;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to)
    {
        int index = entries.IndexOf(Probe(from));
        for (int i = index < 0 ? ~index : index; i < entries.Count && format.Order.Compare(entries[i].Key, to) <= 0; i++)
            yield return Read(entries[i]);
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> All() => entries.Select(Read);

    public bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last)
    {
        int index = entries.IndexOf(Probe(to));
        index = index < 0 ? ~index - 1 : index;
        if (index >= 0 && format.Order.Compare(entries[index].Key, from) >= 0)
        {
            last = Read(entries[index]);
            return true;
        }
        last = default;
        return false;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to) => entries
        .Where(entry => format.Time!(entry.Key) is var time && time >= from && time <= to)
        .OrderBy(entry => format.Time!(entry.Key)) // Stable: equal times stay in key order.
        .Select(Read);

    public IOrderedEntries<TKey, TValue> Pin() => this;

    private KeyValuePair<TKey, TValue> Read(CommittedEntry<TKey> entry) => new(entry.Key, format.ReadStored(entry.Value, valueContext));

    private static CommittedEntry<TKey> Probe(TKey key) => new(key, []);
}

/// <summary>Keeps a store's committed content beside it, from the first query on.</summary>
/// <remarks>The first copy is made in steps, each at a moment when all that the store holds is committed; what changes in between is taken over
/// like any change, so that when the last key is reached the copy is what was committed last.</remarks>
internal sealed class CommittedCopy<TKey, TValue>(StoreCore<TKey, TValue> store, TKey[] toCopy, StoreFormat<TKey, TValue> format, SerdeContext valueContext) where TKey : notnull
{
    /// <summary>Some ten milliseconds' work.</summary>
    private const int KeysPerStep = 10_000;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<TKey> _changed = [];
    private readonly ImmutableSortedSet<CommittedEntry<TKey>>.Builder _entries = ImmutableSortedSet.CreateBuilder(
        Comparer<CommittedEntry<TKey>>.Create((x, y) => format.Order.Compare(x.Key, y.Key)));
    private TKey[] _toCopy = toCopy;
    private int _copied;

    /// <summary>Null while the first copy is being made.</summary>
    public CommittedEntries<TKey, TValue>? Published { get; private set; }

    /// <summary>A key is being flushed, or forgotten.</summary>
    public void Changed(TKey key) => _changed.Add(key);

    /// <summary>Takes over what was flushed; to be called when that is committed and nothing else has changed.</summary>
    public void Publish()
    {
        if (Published is not null && _changed.Count == 0)
            return;
        foreach (TKey key in _changed)
            Take(key);
        _changed.Clear();
        for (int end = Math.Min(_toCopy.Length, _copied + KeysPerStep); _copied < end; _copied++)
            Take(_toCopy[_copied]);
        if (_copied < _toCopy.Length)
            return;
        _toCopy = [];
        _copied = 0;
        Published = new CommittedEntries<TKey, TValue>(_entries.ToImmutable(), format, valueContext);
    }

    private void Take(TKey key)
    {
        _entries.Remove(new CommittedEntry<TKey>(key, []));
        if (!store.TryGet(key, out TValue? value))
            return;
        _bytes.ResetWrittenCount();
        format.WriteStored(value, _bytes, valueContext);
        _entries.Add(new CommittedEntry<TKey>(key, _bytes.WrittenSpan.ToArray()));
    }
}
