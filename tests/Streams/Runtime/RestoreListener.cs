using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>What was restored, by changelog partition.</summary>
internal sealed class RestoreListener : IStateRestoreListener
{
    public ConcurrentDictionary<TopicPartition, long> Starts { get; } = new();

    public ConcurrentDictionary<TopicPartition, long> Begins { get; } = new();

    public ConcurrentDictionary<TopicPartition, long> Batches { get; } = new();

    public ConcurrentDictionary<TopicPartition, long> Ended { get; } = new();

    public void Clear()
    {
        Starts.Clear();
        Begins.Clear();
        Batches.Clear();
        Ended.Clear();
    }

    public void OnRestoreStart(TopicPartition changelog, string store, long startingOffset, long endingOffset)
    {
        Begins[changelog] = startingOffset;
        Starts[changelog] = endingOffset - startingOffset;
    }

    public void OnBatchRestored(TopicPartition changelog, string store, long batchEndOffset, long numRestored) =>
        Batches.AddOrUpdate(changelog, numRestored, (_, before) => before + numRestored);

    public void OnRestoreEnd(TopicPartition changelog, string store, long totalRestored) => Ended[changelog] = totalRestored;
}
