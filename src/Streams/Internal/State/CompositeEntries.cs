using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>Several partitions of a store as one. A key is in one of them only.</summary>
/// <param name="parts">Gives the partitions' entries as they are committed, anew for each read.</param>
/// <param name="format">The store's.</param>
internal sealed class CompositeEntries<TKey, TValue>(Func<IReadOnlyList<IOrderedEntries<TKey, TValue>>> parts, StoreFormat<TKey, TValue> format)
    : IOrderedEntries<TKey, TValue> where TKey : notnull
{
    public int Count => parts().Sum(part => part.Count);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        foreach (IOrderedEntries<TKey, TValue> part in parts())
        {
            if (part.TryGet(key, out value))
                return true;
        }
        value = default;
        return false;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) => Merge(part => part.Range(from, to), format.Order);

    public IEnumerable<KeyValuePair<TKey, TValue>> All() => Merge(static part => part.All(), format.Order);

    public bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last)
    {
        bool any = false;
        last = default;
        foreach (IOrderedEntries<TKey, TValue> part in parts())
        {
            if (!part.TryLast(from, to, out KeyValuePair<TKey, TValue> found) || (any && format.Order.Compare(found.Key, last.Key) < 0))
                continue;
            last = found;
            any = true;
        }
        return any;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to) => Merge(part => part.RangeByTime(from, to), Comparer<TKey>.Create((x, y) =>
    {
        int order = format.Time!(x).CompareTo(format.Time(y));
        return order != 0 ? order : format.Order.Compare(x, y);
    }));

    public IOrderedEntries<TKey, TValue> Pin()
    {
        IReadOnlyList<IOrderedEntries<TKey, TValue>> now = parts();
        return new CompositeEntries<TKey, TValue>(() => now, format);
    }

    private IEnumerable<KeyValuePair<TKey, TValue>> Merge(Func<IOrderedEntries<TKey, TValue>, IEnumerable<KeyValuePair<TKey, TValue>>> read, IComparer<TKey> order)
    {
        PriorityQueue<IEnumerator<KeyValuePair<TKey, TValue>>, TKey> heads = new(order);
        foreach (IOrderedEntries<TKey, TValue> part in parts())
        {
            IEnumerator<KeyValuePair<TKey, TValue>> entries = read(part).GetEnumerator();
            if (entries.MoveNext())
                heads.Enqueue(entries, entries.Current.Key);
        }
        while (heads.TryDequeue(out IEnumerator<KeyValuePair<TKey, TValue>>? next, out _))
        {
            yield return next.Current;
            if (next.MoveNext())
                heads.Enqueue(next, next.Current.Key);
        }
    }
}

/// <summary>The values of a store that keeps their times as well.</summary>
internal sealed class UntimedEntries<TKey, TValue>(IOrderedEntries<TKey, ValueAndTimestamp<TValue>> timed) : IOrderedEntries<TKey, TValue> where TKey : notnull
{
    public int Count => timed.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        bool found = timed.TryGet(key, out ValueAndTimestamp<TValue> withTime);
        value = withTime.Value;
        return found;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to) => timed.Range(from, to).Select(Untimed);

    public IEnumerable<KeyValuePair<TKey, TValue>> All() => timed.All().Select(Untimed);

    public bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last)
    {
        bool found = timed.TryLast(from, to, out KeyValuePair<TKey, ValueAndTimestamp<TValue>> withTime);
        last = Untimed(withTime);
        return found;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to) => timed.RangeByTime(from, to).Select(Untimed);

    public IOrderedEntries<TKey, TValue> Pin() => new UntimedEntries<TKey, TValue>(timed.Pin());

    private static KeyValuePair<TKey, TValue> Untimed(KeyValuePair<TKey, ValueAndTimestamp<TValue>> entry) => new(entry.Key, entry.Value.Value);
}
