namespace Assay.Streams;

/// <summary>A name for an operator's node, in place of the one that would be made.</summary>
public sealed record Named(string Name);

/// <summary>How a topic is read.</summary>
public sealed record Consumed<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <summary>Gives records their time; null: Kafka's timestamp.</summary>
    public TimestampExtractor<TKey, TValue>? TimestampExtractor { get; init; }

    /// <summary>The node's name; null: one is made.</summary>
    public string? Name { get; init; }
}

/// <summary>How a topic is written.</summary>
public sealed record Produced<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <inheritdoc cref="Consumed{TKey, TValue}.Name"/>
    public string? Name { get; init; }
}

/// <summary>How records are grouped: the serdes are those of the repartition topic, where one is needed.</summary>
public sealed record Grouped<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <summary>The repartition topic is <c>{application id}-{name}-repartition</c>, and several aggregates of the group share it. Null: each has one named after its store.</summary>
    public string? Name { get; init; }
}

/// <summary>How a stream is written to a topic of the application's own and read again.</summary>
public sealed record Repartitioned<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde)
{
    /// <summary>The topic is <c>{application id}-{name}-repartition</c>; null: one is made.</summary>
    public string? Name { get; init; }

    /// <summary>Null: as many as what it is read with has, else as its inputs have.</summary>
    public int? NumberOfPartitions { get; init; }
}
