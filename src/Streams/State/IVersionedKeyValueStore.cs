namespace Assay.Streams;

/// <summary>A value and the time for which it holds: <paramref name="ValidFrom"/> ≤ t &lt; <paramref name="ValidTo"/>, ms since the epoch.</summary>
/// <param name="Value">Never null: a deleted key has no version.</param>
/// <param name="ValidFrom">The timestamp it was put with.</param>
/// <param name="ValidTo">That of the next version, or of the deletion; null: it is the latest.</param>
public readonly record struct VersionedRecord<TValue>(TValue Value, long ValidFrom, long? ValidTo);

/// <summary>A versioned store, to be read.</summary>
public interface IReadOnlyVersionedKeyValueStore<TKey, TValue> : IStateStore where TKey : notnull
{
    /// <summary>The latest version of a key; null where there is none or it was deleted.</summary>
    VersionedRecord<TValue>? Get(TKey key);

    /// <summary>The version of a key that was valid at <paramref name="asOf"/>; null where there was none, and before stream time − history retention unless the latest was valid then.</summary>
    VersionedRecord<TValue>? Get(TKey key, long asOf);

    /// <summary>A key's versions that were valid at some time from <paramref name="from"/> to <paramref name="to"/>, both inclusive, the earliest first.</summary>
    IEnumerable<VersionedRecord<TValue>> Get(TKey key, long from, long to);
}

/// <summary>Keeps the versions of each key for as long as they were valid within the history retention. What comes out of order lands at its own time.</summary>
/// <remarks>A version is serialized at the next commit: a value that was put must not be changed in place.</remarks>
public interface IVersionedKeyValueStore<TKey, TValue> : IReadOnlyVersionedKeyValueStore<TKey, TValue> where TKey : notnull
{
    /// <summary>Adds a version, or replaces that with the same timestamp; null says that there is none from then on.</summary>
    /// <returns>False where the timestamp lies before stream time − grace: such a version is not taken.</returns>
    bool Put(TKey key, TValue? value, long timestamp);

    /// <summary>Says that from <paramref name="timestamp"/> on a key has no value.</summary>
    /// <returns>The version that was valid then; null where there was none, or the timestamp lies before stream time − grace: then nothing is changed.</returns>
    VersionedRecord<TValue>? Delete(TKey key, long timestamp);
}
