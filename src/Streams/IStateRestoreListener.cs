using Confluent.Kafka;

namespace Assay.Streams;

/// <summary>Hears how the restoring of stores goes on: one call of start and end for each store of a task, and one of batch for each poll between. Called on
/// stream threads, several at once, which must not wait; what it throws stops the application.</summary>
public interface IStateRestoreListener
{
    /// <param name="changelog">What is read.</param>
    /// <param name="store">The store's name.</param>
    /// <param name="startingOffset">Of the first record to read: behind what the store has already.</param>
    /// <param name="endingOffset">One past the last. Markers take offsets too, so fewer records may come.</param>
    void OnRestoreStart(TopicPartition changelog, string store, long startingOffset, long endingOffset);

    /// <param name="changelog">What is read.</param>
    /// <param name="store">The store's name.</param>
    /// <param name="batchEndOffset">Of the last record of the batch.</param>
    /// <param name="numRestored">Records in the batch.</param>
    void OnBatchRestored(TopicPartition changelog, string store, long batchEndOffset, long numRestored);

    /// <param name="changelog">What was read.</param>
    /// <param name="store">The store's name.</param>
    /// <param name="totalRestored">Records since the start.</param>
    void OnRestoreEnd(TopicPartition changelog, string store, long totalRestored);
}
