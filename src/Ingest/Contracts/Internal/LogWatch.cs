using System.Collections.Concurrent;
using Assay.Ethereum;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>
/// Listens to announcements of new and removed logs. An announcement only wakes the follower, who reads the chain itself: announcements can be missed, and
/// writing them as they come could leave a hole before the last log that a restart would never look at.
/// </summary>
internal sealed class LogWatch : IAsyncDisposable
{
    private const int MostRemoved = 10_000;
    private readonly CancellationTokenSource _stopping;
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly ConcurrentDictionary<LogId, byte> _removed = new();
    private readonly TimeProvider _time;
    private readonly Task _listening;
    private long _announced;

    public LogWatch(EthereumClient client, IReadOnlyCollection<string> addresses, TimeProvider time, CancellationToken cancellationToken)
    {
        _time = time;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _listening = ListenAsync(client, new LogFilter(addresses, AnswerUpdated.Topic), _stopping.Token);
    }

    /// <summary>The highest block of which a log was announced.</summary>
    public long Announced => Interlocked.Read(ref _announced);

    /// <summary>Whether the node itself has said that a log was taken back.</summary>
    public bool IsRemoved(LogId id) => _removed.ContainsKey(id);

    /// <summary>Returns when something was announced, or after the given time.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using CancellationTokenSource bound = new(atMost, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            await _woken.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing was announced.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listening;
        _stopping.Dispose();
        _woken.Dispose();
    }

    private async Task ListenAsync(EthereumClient client, LogFilter filter, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LogEntry log in client.SubscribeLogsAsync(filter, cancellationToken))
            {
                if (!log.Removed)
                    _removed.TryRemove(LogId.Of(log), out _);
                else if (_removed.Count < MostRemoved)
                    _removed[LogId.Of(log)] = 0;
                if (log.BlockNumber > Announced)
                    Interlocked.Exchange(ref _announced, log.BlockNumber);
                if (_woken.CurrentCount == 0)
                    _woken.Release();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody waits any more.
        }
    }
}
