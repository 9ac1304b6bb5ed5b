using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Makes a versioned table of a topic's records: each lands at its own time, and one out of order leaves the latest as it is (rule 16).</summary>
internal sealed class VersionedTableSourceProcessor<TKey, TValue>(string store, string topic) : StatelessProcessor<TKey, TValue, TKey, Change<TValue>> where TKey : notnull
{
    private VersionedStore<TKey, TValue> _store = null!;

    public override void Init(IProcessorContext<TKey, Change<TValue>> context)
    {
        base.Init(context);
        _store = context.GetStateStore<VersionedStore<TKey, TValue>>(store);
    }

    public override void Process(in Record<TKey, TValue> record)
    {
        if (record.Key is null)
        {
            ((IOperatorContext)Context).Drop().RecordWithoutKey(topic);
            return;
        }
        VersionedRecord<TValue>? latest = _store.Get(record.Key);
        bool outOfOrder = !_store.IsLatest(record.Key, record.Timestamp);
        if (!_store.Put(record.Key, record.Value, record.Timestamp))
        {
            ((IOperatorContext)Context).Log.UpdateBeforeHistory(topic, record.Timestamp, Context.CurrentStreamTime);
            return;
        }
        Context.Forward(record.WithValue(new Change<TValue>(record.Value, latest is { } old ? old.Value : default!, latest is not null, outOfOrder)));
    }
}

/// <summary>Reads a versioned table, also as of the past.</summary>
internal sealed class VersionedTableView<TKey, TValue>(string store, TimeSpan history) : TableView<TKey, TValue> where TKey : notnull
{
    public override IReadOnlyCollection<string> Stores => [store];

    public override TimeSpan? History => history;

    public override TableReader<TKey, TValue> Open(IProcessorContext context)
    {
        IVersionedKeyValueStore<TKey, TValue> versions = context.GetStateStore<IVersionedKeyValueStore<TKey, TValue>>(store);
        return (TKey key, long asOf, out ValueAndTimestamp<TValue> value) =>
        {
            VersionedRecord<TValue>? found = versions.Get(key, asOf);
            value = found is { } version ? new ValueAndTimestamp<TValue>(version.Value, version.ValidFrom) : default;
            return found is not null;
        };
    }
}

internal static class TableSources
{
    /// <summary>Adds the node that makes a table of records, and its store.</summary>
    /// <param name="builder">Whose node it is.</param>
    /// <param name="name">The node's.</param>
    /// <param name="store">The store's name.</param>
    /// <param name="topic">Where the records are from, for logs.</param>
    /// <param name="source">Sends the records.</param>
    /// <param name="materialized">How they are kept.</param>
    public static KTable<TKey, TValue> AddTable<TKey, TValue>(
        this StreamsBuilder builder, string name, string store, string topic, TopologyNode<TKey, TValue> source, Materialized<TKey, TValue> materialized) where TKey : notnull
    {
        TopologyNode<TKey, Change<TValue>> node;
        TableView<TKey, TValue> view;
        if (materialized.HistoryRetention is { } history)
        {
            node = builder.Topology.AddProcessor(name, () => new VersionedTableSourceProcessor<TKey, TValue>(store, topic), source);
            builder.Topology.AddStateStore(materialized.Configure(Streams.Stores.VersionedKeyValueStore(store, history, materialized.KeySerde, materialized.ValueSerde)), node);
            view = new VersionedTableView<TKey, TValue>(store, history);
        }
        else
        {
            node = builder.Topology.AddProcessor(name, () => new TableSourceProcessor<TKey, TValue>(store, topic), source);
            builder.Topology.AddStateStore(materialized.Configure(TableStores.Table(store, materialized)), node);
            view = TableView<TKey, TValue>.Of(store);
        }
        return new KTable<TKey, TValue>(builder, node, view, materialized.KeySerde, materialized.ValueSerde);
    }
}
