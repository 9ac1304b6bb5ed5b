using Assay.Schemas;
using Assay.Topology;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Cli.Replay;

/// <summary>Waits until a topology that is running has taken what was sent; does not wait for one that is not there, which will read both topics by their times.</summary>
internal sealed class TopologyPace(KafkaConnection kafka, TimeProvider time, Action<string> say) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IAdminClient _admin = new AdminClientBuilder(kafka.Client("assay-replay")).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    // By a consumer, which never joins the group: asked by the admin client while a coordinator is being set up, the process has crashed.
    private readonly IConsumer<Ignore, Ignore> _asking = new ConsumerBuilder<Ignore, Ignore>(
        new ConsumerConfig(kafka.Client("assay-replay")) { GroupId = AccuracyTopology.ApplicationId, EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadUncommitted })
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    private bool _givenUp;

    public void Dispose()
    {
        _admin.Dispose();
        _asking.Dispose();
    }

    /// <param name="ends">Of each partition the offset behind the last record sent.</param>
    public async Task CatchUpAsync(IReadOnlyDictionary<TopicPartition, long> ends, CancellationToken cancellationToken)
    {
        long seen = -1, moved = time.GetTimestamp();
        while (!_givenUp && await IsRunningAsync(cancellationToken))
        {
            (long taken, bool all) = Taken(ends);
            if (all)
                return;
            if (taken != seen)
                (seen, moved) = (taken, time.GetTimestamp());
            if (time.GetElapsedTime(moved) > Patience)
            {
                say($"the running topology has taken nothing for {Patience.TotalSeconds:0} s, so the rest is sent without waiting for it");
                _givenUp = true;
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<bool> IsRunningAsync(CancellationToken cancellationToken)
    {
        try
        {
            DescribeConsumerGroupsResult groups = await _admin
                .DescribeConsumerGroupsAsync([AccuracyTopology.ApplicationId], new DescribeConsumerGroupsOptions { RequestTimeout = RequestBound }).WaitAsync(cancellationToken);
            return groups.ConsumerGroupDescriptions.Any(group => group.Members.Count > 0);
        }
        catch (KafkaException)
        {
            // A group that never was is none that runs.
            return false;
        }
    }

    private (long Taken, bool All) Taken(IReadOnlyDictionary<TopicPartition, long> ends)
    {
        try
        {
            List<TopicPartitionOffset> committed = _asking.Committed(ends.Keys, RequestBound);
            return (committed.Sum(partition => Math.Max(0, partition.Offset.Value)), committed.All(partition => partition.Offset.Value >= ends[partition.TopicPartition]));
        }
        catch (KafkaException)
        {
            // Asked in the middle of a rebalance: asked again.
            return (-1, false);
        }
    }
}
