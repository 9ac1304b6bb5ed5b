using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>Reads sessions from a core, or from what it was at a commit.</summary>
/// <param name="name">The store's.</param>
/// <param name="entries">By key, end and start.</param>
/// <param name="oldestKept">The earliest end that has not expired; null: what is there has not.</param>
internal sealed class SessionReader<TKey, TValue>(string name, IOrderedEntries<Windowed<TKey>, TValue> entries, Func<long>? oldestKept = null)
    : IReadOnlySessionStore<TKey, TValue> where TKey : notnull
{
    public string Name => name;

    private long OldestKept => oldestKept?.Invoke() ?? long.MinValue;

    public TValue? FetchSession(TKey key, long sessionStart, long sessionEnd) => TryFetchSession(key, sessionStart, sessionEnd, out TValue? value) ? value : default;

    public bool TryFetchSession(TKey key, long sessionStart, long sessionEnd, [MaybeNullWhen(false)] out TValue value)
    {
        if (sessionEnd >= OldestKept)
            return entries.TryGet(Session(key, sessionStart, sessionEnd), out value);
        value = default;
        return false;
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey key) => FindSessions(key, long.MinValue, long.MaxValue);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo)
    {
        long oldest = OldestKept;
        foreach (KeyValuePair<Windowed<TKey>, TValue> entry in entries.Range(Session(keyFrom, long.MinValue, oldest), Session(keyTo, long.MaxValue, long.MaxValue)))
        {
            if (entry.Key.Window.End >= oldest)
                yield return entry;
        }
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FindSessions(TKey key, long earliestSessionEnd, long latestSessionStart)
    {
        foreach (KeyValuePair<Windowed<TKey>, TValue> entry in entries.Range(
                     Session(key, long.MinValue, Math.Max(earliestSessionEnd, OldestKept)), Session(key, long.MaxValue, long.MaxValue)))
        {
            if (entry.Key.Window.Start <= latestSessionStart)
                yield return entry;
        }
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All() => entries.RangeByTime(OldestKept, long.MaxValue);

    private static Windowed<TKey> Session(TKey key, long start, long end) => new(key, new TimeWindow(start, end));
}
