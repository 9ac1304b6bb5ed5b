using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.Persistence;

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
        { Layout = KeyLayout.Of(keySerde, suffix: 2 * sizeof(long)), Time = static key => key.Window.End };
    }

    public StoreFormat<Windowed<TKey>, TValue> Format => _format;

    internal override string Description => $"a session store of {typeof(TKey)} and {typeof(TValue)}";

    internal override ManagedStore Build(StoreContext context) => new SessionStore<TKey, TValue>(Core(context, _format), context.Clock, _retention);
}

/// <summary>Sessions by key, end and start. What stream time has passed by the retention can't be read any more at once, and is deleted at the next flush,
/// with a tombstone as in a <see cref="WindowStore{TKey, TValue}"/>.</summary>
internal sealed class SessionStore<TKey, TValue> : ManagedStore, ISessionStore<TKey, TValue> where TKey : notnull
{
    private readonly StoreCore<Windowed<TKey>, TValue> _core;
    private readonly SessionReader<TKey, TValue> _reader;
    private readonly IStreamClock _clock;
    private readonly long _retention;

    public SessionStore(StoreCore<Windowed<TKey>, TValue> core, IStreamClock clock, long retention) : base(core.Name, core.ChangelogTopic)
    {
        _core = core;
        _reader = new SessionReader<TKey, TValue>(core.Name, core, () => OldestKept);
        _clock = clock;
        _retention = retention;
    }

    private long OldestKept => _clock.StreamTime - _retention + 1;

    public void Put(Windowed<TKey> session, TValue? value)
    {
        if (session.Window.End >= OldestKept)
            _core.Put(session, value);
    }

    public bool Remove(Windowed<TKey> session) => _core.Delete(session);

    public TValue? FetchSession(TKey key, long sessionStart, long sessionEnd) => _reader.FetchSession(key, sessionStart, sessionEnd);

    public bool TryFetchSession(TKey key, long sessionStart, long sessionEnd, [MaybeNullWhen(false)] out TValue value) =>
        _reader.TryFetchSession(key, sessionStart, sessionEnd, out value);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey key) => _reader.Fetch(key);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo) => _reader.Fetch(keyFrom, keyTo);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FindSessions(TKey key, long earliestSessionEnd, long latestSessionStart) =>
        _reader.FindSessions(key, earliestSessionEnd, latestSessionStart);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All() => _reader.All();

    /// <summary>Sessions with <paramref name="from"/> ≤ end ≤ <paramref name="to"/>, by end and key, with what has expired since the last flush: for operators that give
    /// their windows' results as those close.</summary>
    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchStored(long from, long to) => _core.RangeByTime(from, to);

    public override IPersistentStore? Persistence => _core.Persistence;

    public override void Restore(RawBytes key, RawBytes value, long timestamp) => _core.Restore(key, value, timestamp);

    public override void Flush(IChangelog? changelog)
    {
        foreach ((Windowed<TKey> key, _) in _core.RangeByTime(long.MinValue, OldestKept - 1))
            _core.Delete(key);
        _core.Flush(changelog);
    }

    public override object? Publish() => _core.Publish();
}
