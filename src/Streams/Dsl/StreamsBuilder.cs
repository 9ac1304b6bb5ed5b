using System.Globalization;
using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>Builds a topology from streams: the DSL. Nodes get the names that Kafka Streams gives them, so <see cref="Topology.Describe"/> reads the same.</summary>
public sealed class StreamsBuilder
{
    private int _nodes;

    internal Topology Topology { get; } = new();

    /// <summary>A topic's records as they come.</summary>
    /// <exception cref="StreamsException">The topic is read already.</exception>
    public KStream<TKey, TValue> Stream<TKey, TValue>(string topic, Consumed<TKey, TValue> consumed) =>
        new(this, Topology.AddSource(consumed.Name ?? NodeName("KSTREAM-SOURCE-"), consumed.KeySerde, consumed.ValueSerde, consumed.TimestampExtractor, topic), keyChanged: false);

    /// <summary>A topic's latest value of each key, kept in a store.</summary>
    /// <exception cref="StreamsException">The topic is read already, or the store's name is taken.</exception>
    public KTable<TKey, TValue> Table<TKey, TValue>(string topic, Consumed<TKey, TValue> consumed, Materialized<TKey, TValue>? materialized = null) where TKey : notnull
    {
        materialized ??= new Materialized<TKey, TValue>(consumed.KeySerde, consumed.ValueSerde);
        string store = materialized.Name ?? NodeName(topic + "-STATE-STORE-");
        TopologyNode<TKey, TValue> source =
            Topology.AddSource(consumed.Name ?? NodeName("KSTREAM-SOURCE-"), consumed.KeySerde, consumed.ValueSerde, consumed.TimestampExtractor, topic);
        TopologyNode<TKey, Change<TValue>> node = Topology.AddProcessor(NodeName("KTABLE-SOURCE-"), () => new TableSourceProcessor<TKey, TValue>(store, topic), source);
        Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
        return new KTable<TKey, TValue>(this, node, TableView<TKey, TValue>.Of(store));
    }

    /// <summary>Adds a store, for processors to be connected to by its name.</summary>
    public StreamsBuilder AddStateStore(StoreBuilder store)
    {
        Topology.AddStateStore(store);
        return this;
    }

    /// <summary>What was built so far.</summary>
    public Topology Build() => Topology;

    /// <summary>The prefix and a number that counts all nodes, in ten digits.</summary>
    internal string NodeName(string prefix) => prefix + _nodes++.ToString("D10", CultureInfo.InvariantCulture);
}

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
