using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

internal sealed class SessionStoreBuilder<TKey, TValue> : StoreBuilder where TKey : notnull
{
    private readonly long _retention;
    private readonly StoreFormat<Windowed<TKey>, TValue> _format;

    public SessionStoreBuilder(string name, long retention, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) : base(name)
    {
        if (retention < 0)
            throw new StreamsException($"Store '{name}' retains sessions for {retention} ms: it must not be negative.");
        _retention = retention;
        IComparer<TKey> keys = KeyOrder.Of(keySerde);
        _format = new StoreFormat<Windowed<TKey>, TValue>(new SessionWindowedSerde<TKey>(keySerde), valueSerde, Comparer<Windowed<TKey>>.Create((x, y) =>
        {
            int order = keys.Compare(x.Key, y.Key);
            if (order == 0)
                order = x.Window.End.CompareTo(y.Window.End);
            return order != 0 ? order : x.Window.Start.CompareTo(y.Window.Start);
        }))
        { Time = static key => key.Window.End };
    }

    internal override ManagedStore Build(StoreContext context) => new SessionStore<TKey, TValue>(Core(context, _format), context.Clock, _retention);
}

/// <summary>Sessions by key, end and start. What stream time has passed by the retention can't be read any more at once, and is deleted at the next flush,
/// with a tombstone as in a <see cref="WindowStore{TKey, TValue}"/>.</summary>
internal sealed class SessionStore<TKey, TValue>(StoreCore<Windowed<TKey>, TValue> core, IStreamClock clock, long retention)
    : ManagedStore(core.Name, core.ChangelogTopic), ISessionStore<TKey, TValue> where TKey : notnull
{
    private long OldestKept => clock.StreamTime - retention + 1;

    public void Put(Windowed<TKey> session, TValue? value)
    {
        if (session.Window.End >= OldestKept)
            core.Put(session, value);
    }

    public bool Remove(Windowed<TKey> session) => core.Delete(session);

    public TValue? FetchSession(TKey key, long sessionStart, long sessionEnd) => TryFetchSession(key, sessionStart, sessionEnd, out TValue? value) ? value : default;

    public bool TryFetchSession(TKey key, long sessionStart, long sessionEnd, [MaybeNullWhen(false)] out TValue value)
    {
        if (sessionEnd >= OldestKept)
            return core.TryGet(Session(key, sessionStart, sessionEnd), out value);
        value = default;
        return false;
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey key) => FindSessions(key, long.MinValue, long.MaxValue);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo)
    {
        long oldest = OldestKept;
        foreach (KeyValuePair<Windowed<TKey>, TValue> entry in core.Range(Session(keyFrom, long.MinValue, oldest), Session(keyTo, long.MaxValue, long.MaxValue)))
        {
            if (entry.Key.Window.End >= oldest)
                yield return entry;
        }
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FindSessions(TKey key, long earliestSessionEnd, long latestSessionStart)
    {
        foreach (KeyValuePair<Windowed<TKey>, TValue> entry in core.Range(
                     Session(key, long.MinValue, Math.Max(earliestSessionEnd, OldestKept)), Session(key, long.MaxValue, long.MaxValue)))
        {
            if (entry.Key.Window.Start <= latestSessionStart)
                yield return entry;
        }
    }

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All() => FetchStored(OldestKept, long.MaxValue);

    /// <summary>Sessions with <paramref name="from"/> ≤ end ≤ <paramref name="to"/>, by end and key, with what has expired since the last flush: for operators that give
    /// their windows' results as those close.</summary>
    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchStored(long from, long to) => core.RangeByTime(from, to);

    public override void Restore(RawBytes key, RawBytes value, long timestamp) => core.Restore(key, value, timestamp);

    public override void Flush(IChangelog? changelog)
    {
        foreach ((Windowed<TKey> key, _) in core.RangeByTime(long.MinValue, OldestKept - 1))
            core.Delete(key);
        core.Flush(changelog);
    }

    private static Windowed<TKey> Session(TKey key, long start, long end) => new(key, new TimeWindow(start, end));
}
