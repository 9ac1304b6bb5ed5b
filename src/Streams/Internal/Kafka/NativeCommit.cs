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
            // Between the group's dropping a member and the consumer's saying so there is no membership, and Kafka takes offsets that come without one from anybody.
            if (Generation(membership) < 0)
                throw new KafkaTxnRequiresAbortException(new Error(ErrorCode.UnknownMemberId, "The consumer is in no generation of its group: its partitions may be others' already."));
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

    /// <summary>−1 outside of the group. librdkafka tells it only in its serialized form: seven characters of magic, four bytes of generation in the machine's order, and names.</summary>
    private static int Generation(nint membership)
    {
        const int magic = 7;
        nint error = LibRdKafka.ConsumerGroupMetadataWrite(membership, out nint bytes, out nuint size);
        if (error != 0)
        {
            LibRdKafka.ErrorDestroy(error);
            return -1;
        }
        ReadOnlySpan<byte> written = new((void*)bytes, checked((int)size));
        int generation = written.StartsWith("CGMDv2:"u8)
            ? MemoryMarshal.Read<int>(written[magic..])
            : throw new StreamsException("This version of librdkafka writes a group's membership in another form: use the version that Assay was built with.");
        LibRdKafka.MemoryFree(0, bytes);
        return generation;
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
