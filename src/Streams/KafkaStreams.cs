using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;
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
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);

    private readonly StreamsOptions _options;
    private readonly TopologyGraph _graph;
    private readonly TaskEnvironment _environment;
    private readonly InternalTopics _topics;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<StreamThread> _threads = [];
    private Exception? _failure;
    private bool _disposed;

    public KafkaStreams(Topology topology, StreamsOptions options, ILoggerFactory loggers, TimeProvider clock)
    {
        _options = options;
        _graph = TopologyGraph.Of(topology, options.ApplicationId);
        ILogger log = loggers.CreateLogger<KafkaStreams>();
        _environment = new TaskEnvironment(options, clock, log, StateDirectory.For(options, clock, log));
        _topics = new InternalTopics(options, _graph, clock);
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
        string instance = _options.GroupInstanceId ?? Guid.NewGuid().ToString();
        lock (_lock)
        {
            if (State != StreamsState.Rebalancing)
                return;
            _threads = [.. Enumerable.Range(1, _options.NumStreamThreads).Select(number => new StreamThread(
                $"{_options.ApplicationId}-{instance}-StreamThread-{number}", number, instance, _graph, partitions, _environment, _topics, OnThreadStateChanged))];
        }
        foreach (StreamThread thread in _threads)
            thread.Start();
    }

    /// <summary>Commits, leaves the group and stops; false where that took longer than <paramref name="timeout"/>.</summary>
    public async Task<bool> CloseAsync(TimeSpan timeout)
    {
        List<StreamThread> threads = _threads;
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
        Stop(_threads, thread => thread.Abandon(), CloseTimeout).GetAwaiter().GetResult();
        _environment.State?.Dispose();
        _topics.Dispose();
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
        long started = _environment.Clock.GetTimestamp();
        bool ended = true;
        foreach (StreamThread thread in threads)
        {
            TimeSpan left = timeout - _environment.Clock.GetElapsedTime(started);
            ended &= thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
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
        if (thread.Failure is not null && _failure is null)
        {
            _failure = thread.Failure;
            if (State.CanBecome(StreamsState.PendingError))
                MoveTo(StreamsState.PendingError);
            foreach (StreamThread other in _threads)
                other.RequestStop();
        }
        if (!_threads.All(other => other.State == ThreadState.Dead))
            return;
        if (State == StreamsState.PendingError)
            MoveTo(StreamsState.Error);
        _environment.State?.Dispose();
        _ended.TrySetResult();
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
