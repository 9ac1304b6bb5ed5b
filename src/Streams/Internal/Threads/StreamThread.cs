using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Metrics;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Threads;

/// <summary>One thread with its consumer, its producer and the tasks that the group gave it.</summary>
/// <remarks>
/// The loop: fetch what is there, restore a bit, process what can be, punctuate, and commit when the interval has passed. All tasks commit
/// together in one transaction (rules 3, 4). When the transaction is lost, all of them are thrown away and built again from what was committed
/// (rule 6): nothing that was not committed survives in memory.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The thread releases its clients itself when it ends.")]
internal sealed partial class StreamThread
{
    private const int PollBatch = 2000;
    private const int TaskBatch = 2000;
    private const int RecordsBetweenClocks = 100;
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(100);

    private readonly string _transactionalId;
    private readonly TopologyGraph _graph;
    private readonly IReadOnlyDictionary<string, int> _partitionCounts;
    private readonly TaskEnvironment _environment;
    private readonly InternalTopics _topics;
    private readonly StandbyThread? _standbys;
    private readonly Action<StreamThread> _stateChanged;
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Thread _thread;
    private readonly SortedDictionary<TaskId, StreamTask> _tasks = new(Comparer<TaskId>.Create(
        static (a, b) => a.SubTopology != b.SubTopology ? a.SubTopology.CompareTo(b.SubTopology) : a.Partition.CompareTo(b.Partition)));
    private IConsumer<Ignore, Ignore> _consumer = null!;
    private MessagePoller _poller = null!;
    private RecordProducer _producer = null!;
    private StateRestorer _restorer = null!;
    private nint _consumerHandle;
    private readonly RepartitionPurger _purger;
    private long _lastCommit;
    private volatile bool _stop;
    private volatile bool _abandon;
    private volatile bool _paused;

    public StreamThread(
        string name, int number, string instance, TopologyGraph graph, IReadOnlyDictionary<string, int> partitionCounts, TaskEnvironment environment, InternalTopics topics,
        StandbyThread? standbys, Action<StreamThread> stateChanged)
    {
        Name = name;
        Metrics = new ThreadMetrics(environment.Clock, name);
        Number = number;
        _transactionalId = $"{environment.Options.ApplicationId}-{instance}-{number}";
        _graph = graph;
        _partitionCounts = partitionCounts;
        _environment = environment;
        _topics = topics;
        _standbys = standbys;
        _purger = new RepartitionPurger(environment.Options, graph, topics, name, environment.Clock, environment.Log);
        _stateChanged = stateChanged;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    public string Name { get; }

    public int Number { get; }

    public ThreadState State { get; private set; }

    public bool IsAlive => State is not (ThreadState.Created or ThreadState.Dead);

    /// <summary>Why the thread died by itself; null while it lives and after an orderly end.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether nothing is processed nor punctuated; polling, restoring and commits go on.</summary>
    public bool Paused { get => _paused; set => _paused = value; }

    private StreamsOptions Options => _environment.Options;

    private TimeProvider Clock => _environment.Clock;

    private ILogger Log => _environment.Log;

    public void Start() => _thread.Start();

    /// <summary>Asks the thread to commit, leave the group and end.</summary>
    public void RequestStop()
    {
        _stop = true;
        _stopped.Set();
    }

    /// <summary>Asks the thread to end as if the process had died: no commit, no farewell to the group.</summary>
    public void Abandon()
    {
        _abandon = true;
        RequestStop();
    }

    public bool Join(TimeSpan within) => _thread.Join(within);

    private void Run()
    {
        try
        {
            MoveTo(ThreadState.Starting);
            bool opened = Open();
            if (opened)
                Loop();
            MoveTo(ThreadState.PendingShutdown);
            if (opened && !_abandon)
                CloseInOrder();
        }
        catch (Exception exception)
        {
            Failure = exception;
            Log.ThreadDied(exception, Name);
            if (State != ThreadState.PendingShutdown)
                MoveTo(ThreadState.PendingShutdown);
        }
        finally
        {
            Release();
            MoveTo(ThreadState.Dead);
        }
    }

    /// <summary>Makes the clients; false where the thread is to stop before that is done.</summary>
    private bool Open()
    {
        if (!OpenProducer())
            return false;
        _consumer = new ConsumerBuilder<Ignore, Ignore>(ClientConfigs.Input(Options, Name, Number))
            .SetLogHandler((_, message) => Log.Client(message.Name, message.Message))
            .SetErrorHandler((_, error) => OnClientError(error))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked([.. partitions.Select(partition => partition.TopicPartition)]))
            .SetPartitionsLostHandler((_, partitions) => OnLost([.. partitions.Select(partition => partition.TopicPartition)]))
            .Build();
        _consumerHandle = ClientHandle.Of(_consumer);
        _poller = new MessagePoller(_consumer, PollBatch);
        _restorer = new StateRestorer(Options, Name, _topics, Clock, Log);
        _consumer.Subscribe(_graph.SubTopologies.Select(subTopology => subTopology.Leader(_partitionCounts)));
        _lastCommit = _lastRefresh = Clock.GetTimestamp();
        return true;
    }

    /// <summary>Makes a producer, however long Kafka takes to answer; false where the thread is to stop.</summary>
    private bool OpenProducer()
    {
        for (int attempt = 0; !_stop; attempt++)
        {
            try
            {
                _producer = RecordProducer.Create(Options, Name, _transactionalId, Clock, Log);
                return true;
            }
            catch (KafkaException exception) when (!IsRefusal(exception.Error.Code))
            {
                TimeSpan delay = Backoff.Delay(attempt);
                Log.KafkaUnavailable($"{Name}: producer", (long)delay.TotalMilliseconds, exception.Error.Reason);
                _stopped.Wait(delay);
            }
            catch (KafkaException exception)
            {
                throw Refused(exception.Error, exception);
            }
        }
        return false;
    }

    private void Loop()
    {
        bool worked = false;
        while (!_stop)
        {
            try
            {
                int buffered = Buffered();
                // With enough at hand, fetching more would only fill memory; but who can't go on needs other partitions' records.
                if (!worked || buffered < Options.BufferedRecordsPerPartition)
                    Poll(worked ? 0 : Wait());
                LoadCommitted();
                Restore(worked);
                worked = !Paused && (Process() || (LearnEnds() && Process()));
                if (!Paused)
                    PunctuateWallClock();
                PublishStatus();
                RefreshOffsets();
                if (CommitIsDue(worked))
                    Commit();
            }
            catch (TransactionLostException lost)
            {
                worked = false;
                Recover(lost);
            }
        }
    }

    /// <summary>Gives each task its turn, all together no longer than from commit to commit: on a machine that is behind, a longer one would outlast its transaction, and be done
    /// again and again.</summary>
    private bool Process()
    {
        bool worked = false;
        long began = Clock.GetTimestamp();
        TimeSpan share = Options.CommitInterval / Math.Max(_tasks.Count, 1);
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State != TaskState.Running)
                continue;
            int left = TaskBatch;
            while (left > 0 && task.ProcessOne())
            {
                if (--left % RecordsBetweenClocks == 0 && Clock.GetElapsedTime(began) > share)
                    break;
            }
            if (left == TaskBatch)
                continue;
            worked = true;
            began = Measure(task, began);
        }
        return worked;
    }

    private void PunctuateWallClock()
    {
        long now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State != TaskState.Running || task.NextWallClockPunctuation > now)
                continue;
            long began = Clock.GetTimestamp();
            task.PunctuateWallClock(now);
            long ended = Clock.GetTimestamp();
            Metrics.Punctuate.Record(Milliseconds(began, ended), ended);
        }
    }

    private void Restore(bool worked)
    {
        if (_restorer.IsIdle)
            return;
        foreach (StreamTask task in _restorer.Step(timeoutMs: worked ? 0 : 20))
            task.Start();
        AnnounceIfRunning();
    }

    /// <summary>Milliseconds that the thread may sleep in its next poll.</summary>
    private int Wait()
    {
        if (!_restorer.IsIdle)
            return 0;
        double wait = ReadersWait() ? 1 : LongestPoll.TotalMilliseconds;
        if (CommitNeeded())
            wait = Math.Min(wait, (CommitPause(busy: false) - Clock.GetElapsedTime(_lastCommit)).TotalMilliseconds);
        long now = 0;
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.NextWallClockPunctuation == long.MaxValue || Paused)
                continue;
            now = now == 0 ? Clock.GetUtcNow().ToUnixTimeMilliseconds() : now;
            wait = Math.Min(wait, task.NextWallClockPunctuation - now);
        }
        return (int)Math.Max(Math.Ceiling(wait), 0);
    }

    private void CloseInOrder()
    {
        try
        {
            Commit();
        }
        catch (TransactionLostException lost)
        {
            // Whoever takes over does that work again.
            Log.TransactionLost(lost, Name, lost.Message);
            _producer.TryAbort();
        }
        CloseTasks();
        _consumer.Close();
    }

    private void Release()
    {
        CloseTasks();
        _poller?.Dispose();
        _consumer?.Dispose();
        _restorer?.Dispose();
        _producer?.Dispose();
    }

    private void CloseTasks()
    {
        _published = null;
        foreach (StreamTask task in _tasks.Values)
            task.Close();
        _tasks.Clear();
        ForgetHandles();
    }

    private void MoveTo(ThreadState state)
    {
        if (State == state)
            return;
        State = State.CanBecome(state) ? state : throw new InvalidOperationException($"{Name} cannot go from {State} to {state}.");
        _lastStatus = 0;
        _stateChanged(this);
    }
}
