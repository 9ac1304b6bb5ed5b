using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

internal sealed class WindowStoreBuilder<TKey, TValue> : StoreBuilder where TKey : notnull
{
    private readonly long _retention;
    private readonly long _size;
    private readonly bool _retainDuplicates;
    private readonly StoreFormat<WindowKey<TKey>, TValue> _format;

    public WindowStoreBuilder(string name, long retention, long size, bool retainDuplicates, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) : base(name)
    {
        if (size < 1)
            throw new StreamsException($"Store '{name}' keeps windows of {size} ms: their size must be a millisecond or more.");
        if (retention < size)
            throw new StreamsException($"Store '{name}' retains windows for {retention} ms: it must be at least their size, {size} ms.");
        _retention = retention;
        _size = size;
        _retainDuplicates = retainDuplicates;
        IComparer<TKey> keys = KeyOrder.Of(keySerde);
        _format = new StoreFormat<WindowKey<TKey>, TValue>(new WindowKeySerde<TKey>(keySerde), valueSerde, Comparer<WindowKey<TKey>>.Create((x, y) =>
        {
            int order = keys.Compare(x.Key, y.Key);
            if (order == 0)
                order = x.Start.CompareTo(y.Start);
            return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
        }))
        { Time = static key => key.Start };
    }

    internal override ManagedStore Build(StoreContext context) =>
        new WindowStore<TKey, TValue>(Core(context, _format), context.Clock, _retention, _size, _retainDuplicates);
}

/// <summary>Windows by key, start and sequence number. What stream time has passed by the retention can't be read any more at once, and is deleted at the next flush.</summary>
/// <remarks>An expired window gets a tombstone: were it left to the topic's own retention, that would go by the wall clock and delete open windows of recorded data.
/// The next sequence number is one more than the last that is there, so it goes on after a restore (rule 22).</remarks>
internal sealed class WindowStore<TKey, TValue>(StoreCore<WindowKey<TKey>, TValue> core, IStreamClock clock, long retention, long size, bool retainDuplicates)
    : ManagedStore(core.Name, core.ChangelogTopic), IWindowStore<TKey, TValue> where TKey : notnull
{
    private long OldestKept => clock.StreamTime - retention + 1;

    public void Put(TKey key, TValue? value, long windowStart)
    {
        if (windowStart < OldestKept)
            return;
        WindowKey<TKey> first = new(key, windowStart, 0);
        if (!retainDuplicates)
            core.Put(first, value);
        else if (value is not null)
            core.Put(core.TryGet(first, out _) ? first with { Sequence = LastSequence(first) + 1 } : first, value);
    }

    public bool Delete(TKey key, long windowStart) => core.Delete(new WindowKey<TKey>(key, windowStart, 0));

    public TValue? Fetch(TKey key, long time) => TryFetch(key, time, out TValue? value) ? value : default;

    public bool TryFetch(TKey key, long time, [MaybeNullWhen(false)] out TValue value)
    {
        if (time >= OldestKept)
            return core.TryGet(new WindowKey<TKey>(key, time, 0), out value);
        value = default;
        return false;
    }

    public IEnumerable<KeyValuePair<long, TValue>> Fetch(TKey key, long from, long to)
    {
        foreach ((WindowKey<TKey> found, TValue value) in core.Range(new WindowKey<TKey>(key, Math.Max(from, OldestKept), 0), new WindowKey<TKey>(key, to, int.MaxValue)))
            yield return new KeyValuePair<long, TValue>(found.Start, value);
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo, long from, long to)
    {
        from = Math.Max(from, OldestKept);
        foreach ((WindowKey<TKey> key, TValue value) in core.Range(new WindowKey<TKey>(keyFrom, from, 0), new WindowKey<TKey>(keyTo, to, int.MaxValue)))
        {
            if (key.Start >= from && key.Start <= to)
                yield return Windowed(key, value);
        }
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchAll(long from, long to) => FetchStored(Math.Max(from, OldestKept), to);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All() => FetchAll(long.MinValue, long.MaxValue);

    /// <summary>Like <see cref="FetchAll"/>, with what has expired since the last flush: for operators that give their windows' results as those close.</summary>
    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchStored(long from, long to)
    {
        foreach ((WindowKey<TKey> key, TValue value) in core.RangeByTime(from, to))
            yield return Windowed(key, value);
    }

    public override void Restore(RawBytes key, RawBytes value, long timestamp) => core.Restore(key, value, timestamp);

    public override void Flush(IChangelog? changelog)
    {
        foreach ((WindowKey<TKey> key, _) in core.RangeByTime(long.MinValue, OldestKept - 1))
            core.Delete(key);
        core.Flush(changelog);
    }

    private int LastSequence(WindowKey<TKey> first)
    {
        core.TryLast(first, first with { Sequence = int.MaxValue }, out KeyValuePair<WindowKey<TKey>, TValue> last);
        return last.Key.Sequence;
    }

    private KeyValuePair<Windowed<TKey>, TValue> Windowed(WindowKey<TKey> key, TValue value) =>
        new(new Windowed<TKey>(key.Key, new TimeWindow(key.Start, key.Start + size)), value);
}
