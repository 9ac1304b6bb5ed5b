namespace Assay.Topology.Internal.State;

/// <summary>Something that stands at a moment of event time.</summary>
internal interface IMoment
{
    /// <summary>Milliseconds since the epoch; never changes.</summary>
    long Time { get; }
}

/// <summary>
/// Items in their own order, which is by time first. Nearly all arrive at the end and leave at the front, both in constant amortised time;
/// one that comes late is moved into its place. Times stand beside the items, so that a search need not touch those.
/// </summary>
internal sealed class Timeline<T>
    where T : class, IMoment, IComparable<T>
{
    private const int SmallestCapacity = 4;

    private (long Time, T? Item)[] _items = [];
    private int _head;

    public int Count { get; private set; }

    public T this[int index] => _items[_head + index].Item!;

    /// <summary>The index of the first item with <c>Time ≥ time</c>; <see cref="Count"/> where there is none. From the end in growing steps: most searches are for what is newest.</summary>
    public int FirstAtOrAfter(long time)
    {
        ReadOnlySpan<(long Time, T? Item)> items = _items.AsSpan(_head, Count);
        int high = items.Length, low = high - 1;
        for (int step = 1; low >= 0 && items[low].Time >= time; step <<= 1)
        {
            high = low;
            low -= step;
        }
        low = Math.Max(low + 1, 0);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (items[middle].Time < time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The index of the last item with <c>Time ≤ time</c>; -1 where there is none.</summary>
    public int LastAtOrBefore(long time) => time == long.MaxValue ? Count - 1 : FirstAtOrAfter(time + 1) - 1;

    /// <summary>The index of an item that is in here.</summary>
    public int IndexOf(T item)
    {
        int index = FirstAtOrAfter(item.Time);
        while (this[index] != item)
            index++;
        return index;
    }

    public void Add(T item)
    {
        MakeRoom();
        long time = item.Time;
        int end = _head + Count, place = _head + FirstAtOrAfter(time);
        while (place < end && _items[place].Time == time && _items[place].Item!.CompareTo(item) < 0)
            place++;
        Array.Copy(_items, place, _items, place + 1, end - place);
        _items[place] = (time, item);
        Count++;
    }

    public void RemoveFirst()
    {
        _items[_head++] = default;
        Count--;
    }

    private void MakeRoom()
    {
        if (_head + Count < _items.Length)
            return;
        (long, T?)[] target = _head > Count ? _items : new (long, T?)[Math.Max(SmallestCapacity, Count * 2)];
        Array.Copy(_items, _head, target, 0, Count);
        if (target == _items)
            Array.Clear(_items, Count, _head);
        _items = target;
        _head = 0;
    }
}
