using System.Buffers;
using Assay.Streams.Internal;
using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Threads;

namespace Assay.Streams;

public sealed partial class KafkaStreams
{
    /// <summary>How long <see cref="Store"/> waits for partitions that are being restored or copied.</summary>
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Opens a store for reading, over all partitions of it that this instance has. Each read gives what was committed last, as one commit left it in all
    /// partitions of a thread; it can be used from any thread and holds up no processing. The first query of a store makes a copy of it.</summary>
    /// <param name="name">The store's name.</param>
    /// <param name="type">What it is: <see cref="QueryableStoreTypes"/>.</param>
    /// <param name="partition">Only this partition; null: all that are here.</param>
    /// <exception cref="InvalidStateStoreException">There is no such store, the partition is not here, or the application is not running. A read throws it while partitions move.</exception>
    public TStore Store<TStore>(string name, QueryableStoreType<TStore> type, int? partition = null) where TStore : class, IStateStore
    {
        (SubTopology subTopology, StoreBuilder builder) = Find(name);
        List<object>? TryRead() => Published(subTopology, name, partition);
        IReadOnlyList<object> Parts() => TryRead() ?? throw new InvalidStateStoreException(
            $"Store '{name}' cannot be read now: its partitions are moving or being restored; ask again in a moment.");
        TStore store = type.Open(builder, Parts) ?? throw new InvalidStateStoreException(
            $"Store '{name}' is {builder.Description}, not {type.Description}.");
        _environment.Queries.Want(name);
        if (!_environment.Queries.WaitUntil(() => TryRead() is not null, StoreTimeout, _environment.Clock))
            Parts();
        return store;
    }

    /// <summary>Where a key of a store is.</summary>
    /// <param name="store">The store's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="keySerde">The key's serde in the topics that the store is filled from.</param>
    /// <exception cref="InvalidStateStoreException">There is no such store, or the application is not running.</exception>
    public KeyQueryMetadata QueryMetadataForKey<TKey>(string store, TKey key, ISerde<TKey> keySerde)
    {
        (SubTopology subTopology, _) = Find(store);
        List<StreamThread> threads = RunningThreads(store);
        ArrayBufferWriter<byte> bytes = new();
        keySerde.Serialize(key, bytes, new SerdeContext(subTopology.InputTopics[0], IsKey: true));
        int partition = Murmur2.Partition(bytes.WrittenSpan, threads[0].PartitionsOf(subTopology));
        TaskId task = new(subTopology.Id, partition);
        return new KeyQueryMetadata(partition, threads.Exists(thread => thread.Published?.Tasks.ContainsKey(task) == true));
    }

    private (SubTopology SubTopology, StoreBuilder Builder) Find(string name)
    {
        foreach (SubTopology subTopology in _graph.SubTopologies)
        {
            if (subTopology.Stores.FirstOrDefault(store => store.Name == name) is { } builder)
                return (subTopology, builder);
        }
        string known = string.Join(", ", _graph.SubTopologies.SelectMany(subTopology => subTopology.Stores).Select(store => $"'{store.Name}'"));
        throw new InvalidStateStoreException($"The topology of {_options.ApplicationId} has no store named '{name}': it has {(known.Length == 0 ? "none" : known)}.");
    }

    private List<StreamThread> RunningThreads(string store)
    {
        List<StreamThread> threads = _threads;
        if (State is StreamsState.Running or StreamsState.Rebalancing && threads.Count > 0)
            return threads;
        throw new InvalidStateStoreException(State is StreamsState.Created or StreamsState.Rebalancing
            ? $"Store '{store}' cannot be read yet: {_options.ApplicationId} has not started its threads."
            : $"Store '{store}' cannot be read any more: {_options.ApplicationId} is {State}.");
    }

    /// <summary>What the partitions of a store hold as of the last commit, each <see cref="Internal.State.IOrderedEntries{TKey, TValue}"/>; null where that is
    /// not known yet.</summary>
    private List<object>? Published(SubTopology subTopology, string store, int? partition)
    {
        List<object> parts = [];
        bool whole = true;
        foreach (StreamThread thread in RunningThreads(store))
        {
            PublishedStores? published = thread.Published;
            whole &= published is { IsWhole: true };
            foreach ((TaskId task, IReadOnlyDictionary<string, object> stores) in published?.Tasks ?? new Dictionary<TaskId, IReadOnlyDictionary<string, object>>())
            {
                if (task.SubTopology != subTopology.Id || (partition is not null && task.Partition != partition))
                    continue;
                if (stores.TryGetValue(store, out object? part))
                    parts.Add(part);
                else
                    whole = false;
            }
        }
        if (partition is not null && parts.Count == 1)
            return parts;
        if (!whole)
            return null;
        if (parts.Count == 0)
        {
            throw new InvalidStateStoreException(partition is null
                ? $"This instance has no partition of store '{store}' now: ask another one, or again after the next rebalance."
                : $"Partition {partition} of store '{store}' is not on this instance: ask the one that has it.");
        }
        return parts;
    }
}
