namespace Assay.Streams;

/// <summary>How a table is kept.</summary>
/// <param name="KeySerde">For the changelog.</param>
/// <param name="ValueSerde">For the changelog.</param>
public sealed record Materialized<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <summary>The store's name; the changelog is <c>{application id}-{name}-changelog</c>. Null: one is made.</summary>
    public string? Name { get; init; }

    /// <summary>How long a window stays in the store, in stream time since its start, or for sessions since their end. Null: as long as it is needed. Only for windows.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Makes the table versioned: it keeps each key's versions that were valid within this much stream time, updates land at their own time, and streams are joined with
    /// the value in force at their records' own times. An update older than that is dropped and logged. Null: only the latest update is kept. Only for what is made of a topic or stream of updates.</summary>
    public TimeSpan? HistoryRetention { get; init; }

    /// <summary>Whether changes go to a changelog topic; without, the table is empty after a restart. Default true.</summary>
    public bool LoggingEnabled { get; init; } = true;

    /// <summary>Milliseconds.</summary>
    /// <exception cref="StreamsException">A retention was given that is shorter than <paramref name="shortest"/>.</exception>
    internal long RetentionFor(string store, long shortest)
    {
        if (Retention is not { } given)
            return shortest;
        long retention = (long)given.TotalMilliseconds;
        return retention >= shortest ? retention : throw new StreamsException($"Store '{store}' retains windows for {retention} ms: these need at least {shortest} ms.");
    }

    internal StoreBuilder Configure(StoreBuilder store) => LoggingEnabled ? store : store.WithLoggingDisabled();
}
