using Assay.Streams.Internal.Graph;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Deletes what a thread has read of the application's repartition topics, once it is committed (rule 24): now and then, and in the background.</summary>
internal sealed class RepartitionPurger(StreamsOptions options, TopologyGraph graph, InternalTopics topics, string threadName, TimeProvider clock, ILogger log)
{
    private readonly Dictionary<TopicPartition, long> _committed = [];
    private long _lastPurge = clock.GetTimestamp();
    private Task _purge = Task.CompletedTask;

    /// <summary>Notes offsets whose commit has succeeded, and purges when it is time.</summary>
    public void Committed(List<CommitOffset> offsets)
    {
        if (graph.RepartitionTopics.Count == 0)
            return;
        foreach (CommitOffset offset in offsets)
        {
            if (graph.RepartitionTopics.ContainsKey(offset.Topic))
                _committed[new TopicPartition(offset.Topic, offset.Partition)] = offset.Offset;
        }
        if (_committed.Count == 0 || !_purge.IsCompleted || clock.GetElapsedTime(_lastPurge) < options.RepartitionPurgeInterval)
            return;
        _lastPurge = clock.GetTimestamp();
        TopicPartitionOffset[] before = [.. _committed.Select(offset => new TopicPartitionOffset(offset.Key, offset.Value))];
        _committed.Clear();
        _purge = Purge(before);
    }

    private async Task Purge(TopicPartitionOffset[] before)
    {
        try
        {
            await topics.DeleteRecords(before);
        }
        catch (Exception exception) when (exception is KafkaException or ObjectDisposedException)
        {
            // What stays is deleted with what is read later.
            log.PurgeFailed(threadName, exception.Message);
        }
    }
}
