namespace Assay.Topology.Internal.State;

/// <summary>Something that stands at a moment of event time.</summary>
internal interface IMoment
{
    /// <summary>Milliseconds since the epoch.</summary>
    long Time { get; }
}

/// <summary>
/// Items in their own order, which is by time first. Nearly all arrive at the end and leave at the front, both in constant amortised time;
/// one that comes late is moved into its place.
/// </summary>
internal sealed class Timeline<T>
    where T : class, IMoment, IComparable<T>
{
    private const int SmallestCapacity = 4;

    private T?[] _items = [];
    private int _head;

    public int Count { get; private set; }

    public T this[int index] => _items[_head + index]!;

    /// <summary>The index of the first item with <c>Time ≥ time</c>; <see cref="Count"/> where there is none.</summary>
    public int FirstAtOrAfter(long time)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (this[middle].Time < time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The index of the last item with <c>Time ≤ time</c>; -1 where there is none.</summary>
    public int LastAtOrBefore(long time) => time == long.MaxValue ? Count - 1 : FirstAtOrAfter(time + 1) - 1;

    /// <summary>The index of an item that is in here.</summary>
    public int IndexOf(T item) => Array.BinarySearch(_items, _head, Count, item) - _head;

    public void Add(T item)
    {
        MakeRoom();
        int end = _head + Count;
        int place = end;
        if (Count > 0 && _items[end - 1]!.CompareTo(item) > 0)
        {
            place = ~Array.BinarySearch(_items, _head, Count, item);
            Array.Copy(_items, place, _items, place + 1, end - place);
        }
        _items[place] = item;
        Count++;
    }

    public void RemoveFirst()
    {
        _items[_head++] = null;
        Count--;
    }

    private void MakeRoom()
    {
        if (_head + Count < _items.Length)
            return;
        T?[] target = _head > Count ? _items : new T?[Math.Max(SmallestCapacity, Count * 2)];
        Array.Copy(_items, _head, target, 0, Count);
        if (target == _items)
            Array.Clear(_items, Count, _head);
        _items = target;
        _head = 0;
    }
}
