using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams;

/// <summary>A window store, to be read: values by key and start of their window. Times are ms since the epoch, bounds inclusive.</summary>
/// <remarks>What starts at or before stream time − retention is gone. A range may be read while the store changes: what it has not reached yet is seen as it then is.</remarks>
public interface IReadOnlyWindowStore<TKey, TValue> : IStateStore where TKey : notnull
{
    /// <summary>The value of the window that starts then; default where there is none. Of duplicates, the first.</summary>
    TValue? Fetch(TKey key, long time);

    /// <inheritdoc cref="Fetch(TKey, long)"/>
    bool TryFetch(TKey key, long time, [MaybeNullWhen(false)] out TValue value);

    /// <summary>A key's windows with <paramref name="from"/> ≤ start ≤ <paramref name="to"/>, as start and value, in order of start; duplicates as they were put.</summary>
    IEnumerable<KeyValuePair<long, TValue>> Fetch(TKey key, long from, long to);

    /// <summary>The windows of all keys from <paramref name="keyFrom"/> to <paramref name="keyTo"/> with <paramref name="from"/> ≤ start ≤ <paramref name="to"/>, by key and start.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo, long from, long to);

    /// <summary>The windows of all keys with <paramref name="from"/> ≤ start ≤ <paramref name="to"/>, by start and key.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchAll(long from, long to);

    /// <summary>All windows, by start and key.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All();
}

/// <summary>Values by key and start of their window, kept until stream time has passed their start by the retention.</summary>
/// <remarks>Values are kept and written as in <see cref="IKeyValueStore{TKey, TValue}"/>.</remarks>
public interface IWindowStore<TKey, TValue> : IReadOnlyWindowStore<TKey, TValue> where TKey : notnull
{
    /// <summary>Sets the value of the window that starts at <paramref name="windowStart"/>; null deletes it. Where duplicates are kept, the value is put
    /// beside those that are there, and null does nothing. What has left the retention already is not taken.</summary>
    void Put(TKey key, TValue? value, long windowStart);
}
