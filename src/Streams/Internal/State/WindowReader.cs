using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>Reads windows from a core, or from what it was at a commit.</summary>
/// <param name="name">The store's.</param>
/// <param name="entries">By key, start and sequence number.</param>
/// <param name="size">Of the windows, ms.</param>
/// <param name="oldestKept">The earliest start that has not expired; null: what is there has not.</param>
internal sealed class WindowReader<TKey, TValue>(string name, IOrderedEntries<WindowKey<TKey>, TValue> entries, long size, Func<long>? oldestKept = null)
    : IReadOnlyWindowStore<TKey, TValue> where TKey : notnull
{
    public string Name => name;

    private long OldestKept => oldestKept?.Invoke() ?? long.MinValue;

    public TValue? Fetch(TKey key, long time) => TryFetch(key, time, out TValue? value) ? value : default;

    public bool TryFetch(TKey key, long time, [MaybeNullWhen(false)] out TValue value)
    {
        if (time >= OldestKept)
            return entries.TryGet(new WindowKey<TKey>(key, time, 0), out value);
        value = default;
        return false;
    }

    public IEnumerable<KeyValuePair<long, TValue>> Fetch(TKey key, long from, long to)
    {
        foreach ((WindowKey<TKey> found, TValue value) in entries.Range(new WindowKey<TKey>(key, Math.Max(from, OldestKept), 0), new WindowKey<TKey>(key, to, int.MaxValue)))
            yield return new KeyValuePair<long, TValue>(found.Start, value);
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo, long from, long to)
    {
        from = Math.Max(from, OldestKept);
        foreach ((WindowKey<TKey> key, TValue value) in entries.Range(new WindowKey<TKey>(keyFrom, from, 0), new WindowKey<TKey>(keyTo, to, int.MaxValue)))
        {
            if (key.Start >= from && key.Start <= to)
                yield return Windowed(key, value);
        }
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchAll(long from, long to) => FetchStored(Math.Max(from, OldestKept), to);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All() => FetchAll(long.MinValue, long.MaxValue);

    /// <summary>Like <see cref="FetchAll"/>, with what has expired and is still there.</summary>
    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchStored(long from, long to)
    {
        foreach ((WindowKey<TKey> key, TValue value) in entries.RangeByTime(from, to))
            yield return Windowed(key, value);
    }

    private KeyValuePair<Windowed<TKey>, TValue> Windowed(WindowKey<TKey> key, TValue value) =>
        new(new Windowed<TKey>(key.Key, new TimeWindow(key.Start, key.Start + size)), value);
}
