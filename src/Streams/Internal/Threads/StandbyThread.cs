using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Threads;

/// <summary>Keeps copies of the state of tasks that other instances have active, so that this one can take them over with little left to restore.</summary>
/// <remarks>
/// A standby is a task that was never started: its stores are restored up to the end of their changelogs again and again. When the group gives the task to this
/// instance, its stream thread takes it from here as it is and restores the rest. Which standbys are this instance's follows from who is in the
/// group and has what (<see cref="StandbyPlacement"/>), which is asked for after each rebalance and now and then.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The thread releases its client itself when it ends.")]
internal sealed class StandbyThread
{
    private static readonly TimeSpan CatchUpInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two steps of a restore, each of up to 1,000 records.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan PlacementInterval = TimeSpan.FromSeconds(5);

    private readonly string _clientId;
    private readonly TopologyGraph _graph;
    private readonly IReadOnlyDictionary<string, int> _partitionCounts;
    private readonly TaskEnvironment _environment;
    private readonly InternalTopics _topics;
    private readonly Action<Exception> _failed;
    private readonly StateRestorer _restorer;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _wake = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<TaskId, StreamTask> _standbys = [];
    private readonly HashSet<TaskId> _activeHere = [];
    private long _placed;
    private Task<IReadOnlyCollection<GroupMember>>? _asked;
    private volatile bool _stop;

    public StandbyThread(
        string clientId, TopologyGraph graph, IReadOnlyDictionary<string, int> partitionCounts, TaskEnvironment environment, InternalTopics topics, Action<Exception> failed)
    {
        _clientId = clientId;
        _graph = graph;
        _partitionCounts = partitionCounts;
        _environment = environment;
        _topics = topics;
        _failed = failed;
        Name = $"{clientId}-StandbyThread";
        _restorer = new StateRestorer(environment.Options with { StateRestoreListener = null }, Name, topics, environment.Clock, environment.Log, standby: true);
        _thread = new Thread(Run) { Name = Name, IsBackground = true };
    }

    public string Name { get; }

    public ThreadMetadata Status
    {
        get
        {
            lock (_lock)
            {
                return new ThreadMetadata(Name, _stop ? "PENDING_SHUTDOWN" : "RUNNING",
                    [.. _standbys.Values.Select(task => new TaskMetadata(
                        task.Id, "STANDBY", -1, [.. task.LoggedStores.Select(store => new TaskPartition(store.ChangelogTopic, task.Id.Partition, store.HeldTo ?? 0, -1))],
                        _restorer.Remaining(task)))]);
            }
        }
    }

    public void Start() => _thread.Start();

    public void RequestStop()
    {
        _stop = true;
        _wake.Set();
    }

    public bool Join(TimeSpan within) => _thread.Join(within);

    /// <summary>Looks soon at who has what: the group has changed.</summary>
    public void Rebalanced()
    {
        Volatile.Write(ref _placed, 0);
        _wake.Set();
    }

    /// <summary>Hands over the standby of a task that becomes active on this instance, null where there is none; none is kept of it from now on.</summary>
    public StreamTask? Take(TaskId id)
    {
        lock (_lock)
        {
            _activeHere.Add(id);
            if (!_standbys.Remove(id, out StreamTask? task))
                return null;
            _restorer.Remove(task);
            return task;
        }
    }

    /// <summary>The task is no longer active on this instance.</summary>
    public void Release(TaskId id)
    {
        lock (_lock)
            _activeHere.Remove(id);
    }

    private void Run()
    {
        try
        {
            while (!_stop)
            {
                AskForPlacement();
                lock (_lock)
                    CatchUp();
                _wake.Wait(_restorer.IsIdle && _asked is null ? CatchUpInterval : Pace);
                _wake.Reset();
            }
        }
        catch (Exception exception)
        {
            _environment.Log.ThreadDied(exception, Name);
            _failed(exception);
        }
        finally
        {
            lock (_lock)
            {
                foreach (StreamTask task in _standbys.Values)
                    Drop(task);
                _standbys.Clear();
                _restorer.Dispose();
            }
        }
    }

    /// <summary>One bounded step. When all have reached the ends they saw, the next call begins again.</summary>
    private void CatchUp()
    {
        if (_restorer.IsIdle)
        {
            foreach (StreamTask task in _standbys.Values)
                _restorer.Add(task);
        }
        _restorer.Step(timeoutMs: 0);
    }

    private void AskForPlacement()
    {
        if (_asked is { IsCompleted: true } answer)
        {
            _asked = null;
            if (answer.IsCompletedSuccessfully)
                Place(answer.Result);
            else
                _environment.Log.KafkaUnavailable($"{Name}: the group's members", 0, answer.Exception?.InnerException?.Message ?? "cancelled");
        }
        long placed = Volatile.Read(ref _placed);
        if (_asked is not null || (placed != 0 && _environment.Clock.GetElapsedTime(placed) < PlacementInterval))
            return;
        Volatile.Write(ref _placed, _environment.Clock.GetTimestamp());
        _asked = _topics.GroupMembers();
    }

    private void Place(IReadOnlyCollection<GroupMember> members)
    {
        // In the middle of a rebalance nobody has anything: what is kept stays.
        if (members.All(member => member.Leaders.Count == 0))
            return;
        HashSet<TaskId> wanted = [.. StandbyPlacement.Of(_clientId, members, _graph, _partitionCounts, _environment.Options.NumStandbyReplicas)];
        lock (_lock)
        {
            wanted.ExceptWith(_activeHere);
            foreach (StreamTask task in _standbys.Values.Where(task => !wanted.Contains(task.Id)).ToArray())
            {
                _standbys.Remove(task.Id);
                Drop(task);
            }
            foreach (TaskId id in wanted.Where(id => !_standbys.ContainsKey(id)))
            {
                SubTopology subTopology = _graph.SubTopologies[id.SubTopology];
                StreamTask task = new(id, subTopology, [.. subTopology.InputTopics.Where(topic => id.Partition < _partitionCounts[topic])], _environment, NoCollector.Instance);
                _standbys.Add(id, task);
            }
            if (_standbys.Count > 0)
                _environment.Log.Standbys(Name, string.Join(", ", _standbys.Keys));
        }
    }

    private void Drop(StreamTask task)
    {
        _restorer.Remove(task);
        task.Close();
    }

    /// <summary>A standby sends nothing.</summary>
    private sealed class NoCollector : RecordCollector
    {
        public static NoCollector Instance { get; } = new();

        public override void Send(string topic, int? partition, RawBytes key, RawBytes value, long timestamp, Headers? headers, Action<long>? acknowledged) =>
            throw new InvalidOperationException("A standby task sends nothing.");
    }
}
