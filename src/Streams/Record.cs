using Confluent.Kafka;

namespace Assay.Streams;

/// <summary>A record on its way through a topology.</summary>
/// <param name="Key">Null where the topic's record has none.</param>
/// <param name="Value">Null for a tombstone.</param>
/// <param name="Timestamp">Milliseconds since the epoch, UTC; never negative.</param>
/// <param name="Headers">Null: none. Where a record goes to several children each gets its own copy.</param>
public readonly record struct Record<TKey, TValue>(TKey Key, TValue Value, long Timestamp, Headers? Headers = null)
{
    public Record<TNewKey, TValue> WithKey<TNewKey>(TNewKey key) => new(key, Value, Timestamp, Headers);

    public Record<TKey, TNewValue> WithValue<TNewValue>(TNewValue value) => new(Key, value, Timestamp, Headers);

    public Record<TKey, TValue> WithTimestamp(long timestamp) => new(Key, Value, timestamp, Headers);
}

/// <summary>Where the record in process came from.</summary>
/// <param name="Topic">The input topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset there.</param>
public readonly record struct RecordMetadata(string Topic, int Partition, long Offset);

/// <summary>One sub-topology on one partition; prints as Kafka Streams prints it: <c>0_2</c>.</summary>
public readonly record struct TaskId(int SubTopology, int Partition)
{
    public override string ToString() => $"{SubTopology}_{Partition}";
}
