using Assay.Broker.Internal.Storage;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Topics;

/// <summary>Compacts, in the background and one log after the other, those that have enough to gain.</summary>
internal sealed class CompactionLoop : IDisposable
{
    /// <summary>As Apache Kafka's log.cleaner.backoff.ms.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TopicCatalog _topics;
    private readonly ILogger _logger;
    private readonly Task _running;

    public CompactionLoop(TopicCatalog topics, ILogger logger, TimeProvider time)
    {
        _topics = topics;
        _logger = logger;
        _running = RunAsync(new PeriodicTimer(Interval, time));
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _running.Wait(CloseBound);
        _stopping.Dispose();
    }

    private async Task RunAsync(PeriodicTimer timer)
    {
        using (timer)
            try
            {
                while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
                    foreach (PartitionLog log in _topics.All.Where(topic => topic.Config.Compacts).SelectMany(topic => topic.Partitions))
                        Compact(log);
            }
            catch (OperationCanceledException)
            {
                // The broker stops.
            }
    }

    private void Compact(PartitionLog log)
    {
        try
        {
            log.Compact(_stopping.Token);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.MaintenanceFailed(_logger, $"Compaction of {log.Name}", failure);
        }
    }
}
