using Assay.Streams.Internal.Dsl;
using Assay.Streams.Internal.Graph;

namespace Assay.Streams;

public sealed partial class KStream<TKey, TValue>
{
    /// <summary>Writes the records to a topic of the application's own and reads them again, so that equal keys meet; the engine makes that topic.</summary>
    /// <exception cref="StreamsException">The name is taken, or the number of partitions is not positive.</exception>
    public KStream<TKey, TValue> Repartition(Repartitioned<TKey, TValue> repartitioned)
    {
        if (repartitioned.NumberOfPartitions < 1)
            throw new StreamsException($"A repartition topic is to have {repartitioned.NumberOfPartitions} partitions: it must be one or more.");
        string prefix = repartitioned.Name ?? Builder.NodeName("KSTREAM-REPARTITION-");
        return Through(prefix, repartitioned.NumberOfPartitions, repartitioned.KeySerde, repartitioned.ValueSerde);
    }

    /// <summary>Puts records together by a new key, through a repartition topic.</summary>
    /// <param name="selector">Gives the new key; records for which it is null are left out.</param>
    /// <param name="grouped">How; its name is also that of the node that selects.</param>
    public KGroupedStream<TNewKey, TValue> GroupBy<TNewKey>(Func<TKey, TValue, TNewKey> selector, Grouped<TNewKey, TValue> grouped) where TNewKey : notnull =>
        SelectKey(selector, grouped.Name is null ? null : new Named(grouped.Name)).GroupByKey(grouped);

    /// <summary>This stream, or where its keys were changed one behind a repartition topic, so that it can be joined.</summary>
    /// <param name="name">The topic's, without its suffix; null: this stream's node's, or where the stream was joined before, the last topic made for that.</param>
    /// <param name="keySerde">Null: the stream's own.</param>
    /// <param name="valueSerde">Null: the stream's own.</param>
    /// <exception cref="StreamsException">A serde is needed and not known.</exception>
    internal KStream<TKey, TValue> RepartitionForJoin(string? name, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde)
    {
        if (!KeyChanged)
            return this;
        if (name is not null || _repartitioned is null)
        {
            KStream<TKey, TValue> through = Through(name ?? Node.Name, null, keySerde, valueSerde);
            _repartitioned = through.Node;
            return through;
        }
        // The numbers of the names that a topic of its own would have had are taken all the same.
        _ = RepartitionNames.OfStream(Node.Name, Builder);
        return new KStream<TKey, TValue>(Builder, _repartitioned, keyChanged: false, keySerde ?? KeySerde, valueSerde ?? ValueSerde);
    }

    /// <param name="prefix">The topic's name without its suffix.</param>
    /// <param name="partitions">Null: found at the start.</param>
    /// <param name="keySerde">Null: the stream's own.</param>
    /// <param name="valueSerde">Null: the stream's own.</param>
    internal KStream<TKey, TValue> Through(string prefix, int? partitions, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde)
    {
        keySerde ??= KeySerde ?? throw SerdeMissing("key", typeof(TKey));
        valueSerde ??= ValueSerde ?? throw SerdeMissing("value", typeof(TValue));
        RepartitionNames names = RepartitionNames.OfStream(prefix, Builder);
        TopologyNode<TKey, TValue> filter = Builder.Topology.AddProcessor(names.Filter!, static () => new PassThroughProcessor<TKey, TValue>(), Node);
        return new KStream<TKey, TValue>(Builder, Builder.Topology.AddRepartition(names, partitions, keySerde, valueSerde, filter), keyChanged: false, keySerde, valueSerde);
    }

    private StreamsException SerdeMissing(string what, Type type) => new(
        $"The keys of '{Node.Name}' were changed, so its records go through a repartition topic, but how to write a {what} of {type} is not known: " +
        "give the serde to the operator, or call Repartition before it.");
}
