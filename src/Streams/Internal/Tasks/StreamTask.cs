using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Metrics;
using Assay.Streams.Internal.Nodes;
using Assay.Streams.Internal.State;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Tasks;

/// <summary>One sub-topology on one partition: its queues, nodes, stores and clocks. Used by one thread.</summary>
/// <remarks>
/// It takes the record with the smallest timestamp among its partitions' heads; at equal timestamps, the one whose source was added first. While
/// one input is empty it waits until the end of that input has been seen, and then up to <see cref="StreamsOptions.MaxTaskIdle"/> (rule 10).
/// Stream time is the highest timestamp taken, updated before the record is processed (rule 9). A task whose commit failed is thrown away.
/// </remarks>
internal sealed partial class StreamTask : IChangelog, IStreamClock
{
    private readonly TaskEnvironment _environment;
    private readonly PartitionQueue[] _inputs;
    private readonly List<Node> _nodes;
    private readonly Dictionary<string, ManagedStore> _stores = new(StringComparer.Ordinal);
    private readonly long _maxIdleMs;
    private PartitionQueue? _current;
    private long _idleSince = -1;
    private bool _worked;
    private TaskBatch _batch;

    public StreamTask(TaskId id, SubTopology subTopology, IReadOnlyCollection<string> topics, TaskEnvironment environment, RecordCollector collector)
    {
        Id = id;
        _environment = environment;
        Collector = collector;
        _maxIdleMs = (long)environment.Options.MaxTaskIdle.TotalMilliseconds;
        foreach (StoreBuilder store in subTopology.Stores)
            _stores.Add(store.Name, store.Build(new StoreContext(id, TopologyGraph.ChangelogTopic(ApplicationId, store.Name), this, environment.State, RequestCommit)));
        LoggedStores = [.. subTopology.Stores.Where(store => store.LoggingEnabled).Select(store => _stores[store.Name])];
        TaskNodes nodes = new(this);
        _inputs = [.. from source in subTopology.Sources
                      from topic in TopologyGraph.TopicsOf(source, ApplicationId)
                      where topics.Contains(topic)
                      select source.BuildQueue(nodes, topic, id.Partition)];
        _nodes = nodes.All;
        Sinks = [.. _nodes.OfType<IMeasuredSink>()];
    }

    public TaskId Id { get; }

    public TaskState State { get; private set; }

    public string ApplicationId => _environment.Options.ApplicationId;

    public ILogger Log => _environment.Log;

    /// <summary>Where its outputs go. A standby gets its thread's when it becomes active.</summary>
    public RecordCollector Collector { get; set; }

    public IReadOnlyList<PartitionQueue> Inputs => _inputs;

    public IReadOnlyList<ManagedStore> LoggedStores { get; }

    public IReadOnlyList<IMeasuredSink> Sinks { get; }

    public long StreamTime { get; private set; } = -1;

    public long SystemTime => _environment.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public RecordMetadata? CurrentSource => _current?.HeadSource;

    /// <summary>Whether a processor has asked for a commit.</summary>
    public bool CommitRequested { get; private set; }

    /// <summary>Whether anything happened since the last commit.</summary>
    public bool CommitNeeded
    {
        get
        {
            if (_worked)
                return true;
            foreach (PartitionQueue input in _inputs)
            {
                if (input.Moved)
                    return true;
            }
            return false;
        }
    }

    public ManagedStore Store(string name) => _stores[name];

    public void RequestCommit() => CommitRequested = true;

    public void MoveTo(TaskState state) =>
        State = State.CanBecome(state) ? state : throw new InvalidOperationException($"Task {Id} cannot go from {State} to {state}.");

    /// <summary>Starts the processors, when the stores are restored and the inputs know where they begin.</summary>
    public void Start()
    {
        MoveTo(TaskState.Running);
        foreach (PartitionQueue input in _inputs)
            StreamTime = Math.Max(StreamTime, input.PartitionTime);
        // Made children first; parents start first.
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            try
            {
                _nodes[i].Init();
            }
            catch (Exception exception) when (IsRecordFailure(exception))
            {
                throw new StreamsException($"Processor '{_nodes[i].Name}' of task {Id} failed to start: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Processes the next record, if there is one whose turn it is.</summary>
    public bool ProcessOne()
    {
        PartitionQueue? next = null;
        bool someEmpty = false;
        foreach (PartitionQueue input in _inputs)
        {
            if (!input.HasHead)
            {
                input.EnsureHead();
                if (!input.HasHead)
                {
                    if (!input.CaughtUp)
                        return false;
                    someEmpty = true;
                    continue;
                }
            }
            if (next is null || input.HeadTimestamp < next.HeadTimestamp)
                next = input;
        }
        if (next is null || (_maxIdleMs > 0 && Idles(someEmpty)))
            return false;
        long late = StreamTime - next.HeadTimestamp;
        if (late < 0)
            StreamTime = next.HeadTimestamp;
        else if (late > 0)
            CountLate(late);
        _batch.Processed++;
        _current = next;
        next.ProcessHead();
        _current = null;
        if (StreamTime >= _streamTimePunctuators.NextDue)
            Punctuate(_streamTimePunctuators, StreamTime);
        return true;
    }

    /// <summary>Writes the stores' changes to their changelogs: the first step of a commit.</summary>
    public void Flush()
    {
        foreach (ManagedStore store in _stores.Values)
        {
            try
            {
                store.Flush(LoggedStores.Contains(store) ? this : null);
            }
            catch (Exception exception) when (IsRecordFailure(exception))
            {
                throw new StreamsException($"Store '{store.Name}' of task {Id} cannot write its changes to {store.ChangelogTopic}: {exception.Message}", exception);
            }
        }
    }

    /// <summary>The commit is done.</summary>
    public void Committed()
    {
        CommitStores();
        foreach (PartitionQueue input in _inputs)
            input.Moved = false;
        _worked = false;
        CommitRequested = false;
    }

    /// <summary>What the stores of these names hold; to be called when all that the task has done is committed.</summary>
    /// <param name="wanted">The stores' names.</param>
    /// <param name="isWhole">Whether none of them is still being copied.</param>
    public IReadOnlyDictionary<string, object> Publish(IReadOnlySet<string> wanted, out bool isWhole)
    {
        Dictionary<string, object> published = new(StringComparer.Ordinal);
        isWhole = true;
        foreach ((string name, ManagedStore store) in _stores)
        {
            if (!wanted.Contains(name))
                continue;
            if (store.Publish() is { } entries)
                published.Add(name, entries);
            else
                isWhole = false;
        }
        return published;
    }

    public void Append(string topic, RawBytes key, RawBytes value, long? timestamp, Action<long>? acknowledged) =>
        Collector.Send(topic, Id.Partition, key, value, timestamp ?? Math.Max(StreamTime, 0), null, acknowledged);

    /// <summary>Gives back what is queued and closes the processors that were started.</summary>
    public void Close()
    {
        bool started = State == TaskState.Running;
        MoveTo(TaskState.Closed);
        foreach (PartitionQueue input in _inputs)
            input.Clear();
        if (started)
            CloseNodes();
        CloseStores();
    }

    private void CloseNodes()
    {
        foreach (Node node in _nodes)
        {
            try
            {
                node.Close();
            }
            catch (Exception exception)
            {
                _environment.Log.CloseFailed(exception, node.Name, Id);
            }
        }
    }

    /// <summary>Counts a record that an operator leaves out.</summary>
    public void CountDropped() => _batch.Dropped++;

    /// <summary>Counts a record that was restored.</summary>
    public void CountRestored() => _batch.Restored++;

    /// <summary>What was counted since the last call.</summary>
    public TaskBatch TakeBatch()
    {
        TaskBatch batch = _batch;
        _batch = default;
        return batch;
    }

    private void CountLate(long milliseconds)
    {
        _batch.LatenessSum += milliseconds;
        _batch.LatenessMax = Math.Max(_batch.LatenessMax, milliseconds);
    }

    private bool Idles(bool someEmpty)
    {
        if (!someEmpty)
        {
            _idleSince = -1;
            return false;
        }
        long now = SystemTime;
        if (_idleSince < 0)
            _idleSince = now;
        return now - _idleSince < _maxIdleMs;
    }
}
