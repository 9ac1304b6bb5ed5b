using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.Metrics;
using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.Tasks;
using Assay.Streams.Internal.Threads;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using ThreadState = Assay.Streams.Internal.Threads.ThreadState;

namespace Assay.Streams;

/// <summary>Runs a topology on Kafka: stream threads that share the input partitions with all instances of the same application id.</summary>
/// <remarks>
/// <see cref="RunAsync"/> is the usual way: it runs until cancelled, heals what passes by itself, and throws what a person must mend. Closing
/// commits and leaves the group; <see cref="Dispose"/> without closing stops like a crash, which loses nothing either, but the others wait for it.
/// </remarks>
public sealed partial class KafkaStreams : IDisposable
{
    /// <summary>A thread may hang in its client, which leaves a group only when a rebalance under way has ended. A process has ten seconds in all.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(7);

    /// <summary>For what has not closed in that time.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(1);

    private readonly StreamsOptions _options;
    private readonly TopologyGraph _graph;
    private readonly TaskEnvironment _environment;
    private readonly InternalTopics _topics;
    private readonly StreamsMeter _meter;
    private readonly string _instance;
    private readonly string _clientId;
    private StandbyThread? _standbys;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private List<StreamThread> _threads = [];
    private Exception? _failure;
    private bool _closed;
    private bool _disposed;

    public KafkaStreams(Topology topology, StreamsOptions options, ILoggerFactory loggers, TimeProvider clock)
    {
        _options = options;
        _graph = TopologyGraph.Of(topology, options.ApplicationId);
        ILogger log = loggers.CreateLogger<KafkaStreams>();
        _environment = new TaskEnvironment(options, clock, log, StateDirectory.For(options, clock, log));
        _topics = new InternalTopics(options, _graph, clock);
        _instance = options.GroupInstanceId ?? Guid.NewGuid().ToString();
        _clientId = $"{options.ApplicationId}-{_instance}";
        _meter = new StreamsMeter(options.ApplicationId, _clientId, () => _threads.Where(thread => thread.IsAlive).Select(thread => thread.Metrics), () => State);
    }

    public StreamsState State { get; private set; }

    /// <summary>Called after each change of <see cref="State"/>, on the thread that caused it, with the new and the old state. It must not wait for the application.</summary>
    public event Action<StreamsState, StreamsState>? StateChanged;

    /// <summary>Runs until <paramref name="cancellation"/>, then closes.</summary>
    /// <exception cref="StreamsException">A topic does not fit, a handler decided to stop, or Kafka refuses: the message says what to mend.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await StartAsync(cancellation);
            await _ended.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        await CloseAsync(CloseTimeout);
        if (_failure is StreamsException)
            throw _failure;
        if (_failure is not null)
            throw new StreamsException($"{_options.ApplicationId} stopped: {_failure.Message}", _failure);
    }

    /// <summary>Checks the topics, makes the changelogs and starts the threads; waits for Kafka as long as it takes to answer.</summary>
    /// <exception cref="StreamsException">A topic is missing or does not fit.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        MoveTo(StreamsState.Rebalancing);
        IReadOnlyDictionary<string, int> partitions;
        try
        {
            partitions = await PrepareTopics(cancellation);
            _environment.State?.Open(_graph.SubTopologies.SelectMany(subTopology => subTopology.Stores));
        }
        catch (StreamsException)
        {
            MoveTo(StreamsState.PendingError);
            MoveTo(StreamsState.Error);
            throw;
        }
        lock (_lock)
        {
            if (State != StreamsState.Rebalancing)
                return;
            if (_options.NumStandbyReplicas > 0)
                _standbys = new StandbyThread(_clientId, _graph, partitions, _environment, _topics, OnStandbyFailed);
            _threads = [.. Enumerable.Range(1, _options.NumStreamThreads).Select(number => new StreamThread(
                $"{_clientId}-StreamThread-{number}", number, _instance, _graph, partitions, _environment, _topics, _standbys, OnThreadStateChanged))];
            _standbys?.Start();
            foreach (StreamThread thread in _threads)
            {
                thread.Paused = IsPaused;
                thread.Start();
            }
        }
        _ = WatchInputs(partitions, _closing.Token);
    }

    /// <summary>Stops processing and punctuation; the group membership, restoring and commits of what was done go on.</summary>
    public void Pause() => SetPaused(true);

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    public void Resume() => SetPaused(false);

    public bool IsPaused { get; private set; }

    /// <summary>The threads of this instance with their tasks, states and lags, for a status page.</summary>
    public IReadOnlyCollection<ThreadMetadata> MetadataForLocalThreads() =>
        _standbys is { } standbys ? [.. _threads.Select(thread => thread.Status), standbys.Status] : [.. _threads.Select(thread => thread.Status)];

    /// <summary>Commits, leaves the group and stops; false where that took longer than <paramref name="timeout"/>.</summary>
    public async Task<bool> CloseAsync(TimeSpan timeout)
    {
        List<StreamThread> threads = _threads;
        _closed = true;
        await _closing.CancelAsync();
        lock (_lock)
        {
            if (State.CanBecome(StreamsState.PendingShutdown))
                MoveTo(StreamsState.PendingShutdown);
        }
        bool closed = await Stop(threads, thread => thread.RequestStop(), timeout);
        lock (_lock)
        {
            if (closed && State == StreamsState.PendingShutdown)
                MoveTo(StreamsState.NotRunning);
        }
        return closed;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _closing.Cancel();
        Stop(_threads, thread => thread.Abandon(), _closed ? LastWait : CloseTimeout).GetAwaiter().GetResult();
        _environment.State?.Dispose();
        _topics.Dispose();
        _meter.Dispose();
    }

    private void SetPaused(bool paused)
    {
        lock (_lock)
        {
            IsPaused = paused;
            foreach (StreamThread thread in _threads)
                thread.Paused = paused;
        }
    }

    /// <summary>Members subscribe to a sub-topology's leader only, so that the group says nothing of its other inputs.</summary>
    private async Task WatchInputs(IReadOnlyDictionary<string, int> partitions, CancellationToken cancellation)
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(_options.Client.TopicMetadataRefreshIntervalMs ?? 300_000);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, _environment.Clock, cancellation);
                if (await _topics.FindGrown(partitions) is { } topic)
                {
                    lock (_lock)
                        Fail(_topics.Grown(topic, partitions[topic]));
                    return;
                }
            }
            catch (KafkaException exception)
            {
                _environment.Log.GrowthUnknown(_options.ApplicationId, exception.Error.Reason);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                // Closed meanwhile.
                return;
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, int>> PrepareTopics(CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await _topics.Prepare();
            }
            catch (KafkaException exception)
            {
                TimeSpan delay = Backoff.Delay(attempt);
                _environment.Log.KafkaUnavailable($"{_options.ApplicationId}: topics", (long)delay.TotalMilliseconds, exception.Error.Reason);
                await Task.Delay(delay, _environment.Clock, cancellation);
            }
        }
    }

    /// <summary>Waits on a thread of its own: closing clients blocks.</summary>
    private Task<bool> Stop(List<StreamThread> threads, Action<StreamThread> stop, TimeSpan timeout) => Task.Run(() =>
    {
        foreach (StreamThread thread in threads)
            stop(thread);
        _standbys?.RequestStop();
        long started = _environment.Clock.GetTimestamp();
        bool ended = true;
        foreach (StreamThread thread in threads)
        {
            TimeSpan left = timeout - _environment.Clock.GetElapsedTime(started);
            ended &= thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
        ended &= _standbys?.Join(timeout) ?? true;
        return ended;
    });

    private void OnThreadStateChanged(StreamThread thread)
    {
        lock (_lock)
        {
            if (thread.State == ThreadState.Dead)
                OnThreadEnded(thread);
            else if (thread.State == ThreadState.Running && State == StreamsState.Rebalancing && _threads.All(other => other.State == ThreadState.Running))
                MoveTo(StreamsState.Running);
            else if (thread.State is ThreadState.PartitionsRevoked or ThreadState.PartitionsAssigned && State == StreamsState.Running)
                MoveTo(StreamsState.Rebalancing);
        }
    }

    /// <summary>One dead thread stops the application: its partitions would be nobody's (rule 26).</summary>
    private void OnThreadEnded(StreamThread thread)
    {
        if (thread.Failure is not null)
            Fail(thread.Failure);
        if (!_threads.All(other => other.State == ThreadState.Dead))
            return;
        if (State == StreamsState.PendingError)
            MoveTo(StreamsState.Error);
        _environment.State?.Dispose();
        _ended.TrySetResult();
    }

    private void OnStandbyFailed(Exception failure)
    {
        lock (_lock)
            Fail(failure);
    }

    private void Fail(Exception failure)
    {
        if (_failure is not null)
            return;
        _failure = failure;
        if (State.CanBecome(StreamsState.PendingError))
            MoveTo(StreamsState.PendingError);
        foreach (StreamThread thread in _threads)
            thread.RequestStop();
    }

    private void MoveTo(StreamsState state)
    {
        StreamsState before = State;
        if (!before.CanBecome(state))
            throw new InvalidOperationException($"{_options.ApplicationId} cannot go from {before} to {state}.");
        State = state;
        _environment.Log.StateChanged(_options.ApplicationId, before, state);
        StateChanged?.Invoke(state, before);
    }
}
