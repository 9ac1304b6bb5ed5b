using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>One key of a store in memory. A deleted one that is dirty stands for its tombstone.</summary>
internal sealed class StoreEntry<TKey, TValue>(TKey key, int hash)
{
    public readonly TKey Key = key;
    public readonly int Hash = hash;
    public TValue? Value;
    public bool Present;
    public bool Dirty;

    /// <summary>The next entry of the same bucket.</summary>
    public StoreEntry<TKey, TValue>? Next;
}

/// <summary>A hash table of entries whose chains run through the entries themselves: where a store holds many small values, a dictionary of entries takes half as much again, and each
/// of its growths leaves an array of megabytes behind.</summary>
/// <remarks>Not to be changed while <see cref="All"/> is read.</remarks>
internal sealed class EntryTable<TKey, TValue> where TKey : notnull
{
    private const int SmallestSize = 16;

    // A power of two, no fewer than there are entries.
    private StoreEntry<TKey, TValue>?[] _buckets = new StoreEntry<TKey, TValue>?[SmallestSize];
    private int _count;

    public StoreEntry<TKey, TValue>? Find(TKey key)
    {
        int hash = EqualityComparer<TKey>.Default.GetHashCode(key);
        StoreEntry<TKey, TValue>? entry = Bucket(hash);
        while (entry is not null && (entry.Hash != hash || !EqualityComparer<TKey>.Default.Equals(entry.Key, key)))
            entry = entry.Next;
        return entry;
    }

    /// <summary>Makes an entry for a key that has none.</summary>
    public StoreEntry<TKey, TValue> Add(TKey key)
    {
        if (_count == _buckets.Length)
            Grow();
        StoreEntry<TKey, TValue> entry = new(key, EqualityComparer<TKey>.Default.GetHashCode(key));
        Link(entry);
        _count++;
        return entry;
    }

    public bool Remove(TKey key, [NotNullWhen(true)] out StoreEntry<TKey, TValue>? removed)
    {
        removed = Find(key);
        if (removed is null)
            return false;
        ref StoreEntry<TKey, TValue>? link = ref Bucket(removed.Hash);
        while (link != removed)
            link = ref link!.Next;
        link = removed.Next;
        removed.Next = null;
        _count--;
        return true;
    }

    public IEnumerable<StoreEntry<TKey, TValue>> All()
    {
        foreach (StoreEntry<TKey, TValue>? first in _buckets)
        {
            for (StoreEntry<TKey, TValue>? entry = first; entry is not null; entry = entry.Next)
                yield return entry;
        }
    }

    private void Link(StoreEntry<TKey, TValue> entry)
    {
        ref StoreEntry<TKey, TValue>? bucket = ref Bucket(entry.Hash);
        entry.Next = bucket;
        bucket = entry;
    }

    /// <summary>By the golden ratio's multiple, as hashes of integers lie side by side and those of times far apart.</summary>
    private ref StoreEntry<TKey, TValue>? Bucket(int hash)
    {
        uint mixed = (uint)hash * 0x9E3779B9;
        return ref _buckets[(mixed ^ (mixed >> 15)) & (uint)(_buckets.Length - 1)];
    }

    private void Grow()
    {
        StoreEntry<TKey, TValue>?[] old = _buckets;
        _buckets = new StoreEntry<TKey, TValue>?[old.Length * 2];
        foreach (StoreEntry<TKey, TValue>? first in old)
        {
            for (StoreEntry<TKey, TValue>? entry = first, next; entry is not null; entry = next)
            {
                next = entry.Next;
                Link(entry);
            }
        }
    }
}
