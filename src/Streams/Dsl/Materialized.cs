namespace Assay.Streams;

/// <summary>How a table is kept.</summary>
/// <param name="KeySerde">For the changelog.</param>
/// <param name="ValueSerde">For the changelog.</param>
public sealed record Materialized<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <summary>The store's name; the changelog is <c>{application id}-{name}-changelog</c>. Null: one is made.</summary>
    public string? Name { get; init; }

    /// <summary>How long a window stays in the store, in stream time since its start: at least size plus grace. Null: just that. Only for windows.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether changes go to a changelog topic; without, the table is empty after a restart. Default true.</summary>
    public bool LoggingEnabled { get; init; } = true;

    internal StoreBuilder Configure(StoreBuilder store) => LoggingEnabled ? store : store.WithLoggingDisabled();
}
