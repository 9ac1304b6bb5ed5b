using System.Runtime.InteropServices;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Commits offsets with their metadata.</summary>
internal static unsafe class NativeCommit
{
    /// <summary>Adds offsets to the producer's transaction under the consumer's membership: a member that the group has dropped is refused.</summary>
    /// <exception cref="KafkaException">Of the kinds that Confluent.Kafka throws for transactions.</exception>
    public static void InTransaction(nint producer, nint consumer, IReadOnlyCollection<CommitOffset> offsets, TimeSpan within)
    {
        LibRdKafka.PartitionList* list = CommitOffsets.ToNative(offsets);
        nint membership = LibRdKafka.ConsumerGroupMetadata(consumer);
        try
        {
            nint error = LibRdKafka.SendOffsetsToTransaction(producer, list, membership, (int)within.TotalMilliseconds);
            if (error == 0)
                return;
            Error reason = new((ErrorCode)LibRdKafka.ErrorCode(error), Marshal.PtrToStringUTF8(LibRdKafka.ErrorString(error)));
            bool retriable = LibRdKafka.ErrorIsRetriable(error) != 0, abort = LibRdKafka.ErrorRequiresAbort(error) != 0;
            LibRdKafka.ErrorDestroy(error);
            throw abort ? new KafkaTxnRequiresAbortException(reason) : retriable ? new KafkaRetriableException(reason) : new KafkaException(reason);
        }
        finally
        {
            LibRdKafka.ConsumerGroupMetadataDestroy(membership);
            LibRdKafka.PartitionListDestroy(list);
        }
    }

    /// <summary>Commits offsets for the consumer's group and waits for the answer.</summary>
    /// <exception cref="TransactionLostException">The group refused them.</exception>
    public static void OfGroup(nint consumer, IReadOnlyCollection<CommitOffset> offsets)
    {
        LibRdKafka.PartitionList* list = CommitOffsets.ToNative(offsets);
        try
        {
            ErrorCode error = (ErrorCode)LibRdKafka.Commit(consumer, list, asynchronous: 0);
            for (int i = 0; error == ErrorCode.NoError && i < list->Count; i++)
                error = (ErrorCode)list->Entries[i].Error;
            if (error != ErrorCode.NoError)
                throw new TransactionLostException($"The group did not take the offsets: {new Error(error).Reason}", producerUnusable: false, new KafkaException(new Error(error)));
        }
        finally
        {
            LibRdKafka.PartitionListDestroy(list);
        }
    }
}
