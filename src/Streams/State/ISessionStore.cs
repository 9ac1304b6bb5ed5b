using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams;

/// <summary>A session store, to be read: values by key, start and end of their session. Times are ms since the epoch; both ends of a session, the times of its first
/// and last record, belong to it.</summary>
/// <remarks>What ends at or before stream time − retention is gone. A range may be read while the store changes: what it has not reached yet is seen as it then is.</remarks>
public interface IReadOnlySessionStore<TKey, TValue> : IStateStore where TKey : notnull
{
    /// <summary>A key's sessions, by end and start.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey key);

    /// <summary>The sessions of all keys from <paramref name="keyFrom"/> to <paramref name="keyTo"/>, by key, end and start.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo);

    /// <summary>A key's sessions that end at or after <paramref name="earliestSessionEnd"/> and start at or before <paramref name="latestSessionStart"/>, by end and start.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FindSessions(TKey key, long earliestSessionEnd, long latestSessionStart);

    /// <summary>The value of the session with just these ends; default where there is none.</summary>
    TValue? FetchSession(TKey key, long sessionStart, long sessionEnd);

    /// <inheritdoc cref="FetchSession"/>
    bool TryFetchSession(TKey key, long sessionStart, long sessionEnd, [MaybeNullWhen(false)] out TValue value);

    /// <summary>All sessions, by end, key and start.</summary>
    IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All();
}

/// <summary>Values by key and session, kept until stream time has passed the session's end by the retention.</summary>
/// <remarks>Values are kept and written as in <see cref="IKeyValueStore{TKey, TValue}"/>.</remarks>
public interface ISessionStore<TKey, TValue> : IReadOnlySessionStore<TKey, TValue> where TKey : notnull
{
    /// <summary>Sets a session's value; null deletes it. What has left the retention already is not taken.</summary>
    void Put(Windowed<TKey> session, TValue? value);

    /// <summary>Deletes a session; false where it was not there.</summary>
    bool Remove(Windowed<TKey> session);
}
