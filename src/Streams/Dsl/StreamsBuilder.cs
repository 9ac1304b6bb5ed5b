using System.Globalization;
using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>Builds a topology from streams: the DSL. Nodes get the names that Kafka Streams gives them, so <see cref="Topology.Describe"/> reads the same.</summary>
public sealed class StreamsBuilder
{
    private int _nodes;

    internal Topology Topology { get; } = new();

    /// <summary>A topic's records as they come.</summary>
    /// <exception cref="StreamsException">The topic is read already.</exception>
    public KStream<TKey, TValue> Stream<TKey, TValue>(string topic, Consumed<TKey, TValue> consumed) =>
        new(this, Topology.AddSource(NodeName("KSTREAM-SOURCE-", consumed.Name), consumed.KeySerde, consumed.ValueSerde, consumed.TimestampExtractor, topic), keyChanged: false,
            consumed.KeySerde, consumed.ValueSerde);

    /// <summary>A topic's latest value of each key, kept in a store.</summary>
    /// <exception cref="StreamsException">The topic is read already, or the store's name is taken.</exception>
    public KTable<TKey, TValue> Table<TKey, TValue>(string topic, Consumed<TKey, TValue> consumed, Materialized<TKey, TValue>? materialized = null) where TKey : notnull
    {
        materialized ??= new Materialized<TKey, TValue>(consumed.KeySerde, consumed.ValueSerde);
        string store = materialized.Name ?? NodeName(topic + "-STATE-STORE-");
        TopologyNode<TKey, TValue> source =
            Topology.AddSource(NodeName("KSTREAM-SOURCE-", consumed.Name), consumed.KeySerde, consumed.ValueSerde, consumed.TimestampExtractor, topic);
        return this.AddTable(NodeName("KTABLE-SOURCE-", consumed.Name is null ? null : consumed.Name + "-table-source"), store, topic, source, materialized);
    }

    /// <summary>Adds a store, for processors to be connected to by its name.</summary>
    public StreamsBuilder AddStateStore(StoreBuilder store)
    {
        Topology.AddStateStore(store);
        return this;
    }

    /// <summary>What was built so far.</summary>
    public Topology Build() => Topology;

    /// <summary>Leaves a number out where Kafka Streams names what it then does not make, so that later nodes and stores are named alike.</summary>
    internal void SkipNumber() => _nodes++;

    /// <summary>The prefix and a number that counts all nodes, in ten digits; a node that was given a name is counted too.</summary>
    internal string NodeName(string prefix, string? name = null)
    {
        int number = _nodes++;
        return name ?? prefix + number.ToString("D10", CultureInfo.InvariantCulture);
    }
}
