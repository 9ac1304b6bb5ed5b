using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Changes what a group member reads besides what the group gives it, also from within a rebalance handler, where Confluent.Kafka refuses to.</summary>
internal static unsafe class NativeAssignment
{
    private const int SeekTimeoutMs = 5_000;

    /// <summary>Starts to read partitions where the group's commits stand.</summary>
    /// <exception cref="KafkaException">The consumer refuses.</exception>
    public static void Add(nint consumer, IReadOnlyCollection<TopicPartition> partitions) => Change(consumer, partitions, add: true);

    /// <exception cref="KafkaException">The consumer refuses.</exception>
    public static void Remove(nint consumer, IReadOnlyCollection<TopicPartition> partitions) => Change(consumer, partitions, add: false);

    /// <summary>Goes on reading at the given offsets, −1 for the beginning; nothing fetched before comes after this.</summary>
    /// <exception cref="KafkaException">Not done for all of them.</exception>
    public static void Seek(nint consumer, IReadOnlyCollection<CommitOffset> offsets)
    {
        LibRdKafka.PartitionList* list = LibRdKafka.PartitionListNew(offsets.Count);
        try
        {
            foreach (CommitOffset offset in offsets)
                LibRdKafka.PartitionListAdd(list, offset.Topic, offset.Partition)->Offset = offset.Offset < 0 ? Offset.Beginning.Value : offset.Offset;
            ThrowIf(LibRdKafka.SeekPartitions(consumer, list, SeekTimeoutMs));
            for (int i = 0; i < list->Count; i++)
            {
                if (list->Entries[i].Error != 0)
                    throw new KafkaException(new Error((ErrorCode)list->Entries[i].Error));
            }
        }
        finally
        {
            LibRdKafka.PartitionListDestroy(list);
        }
    }

    private static void Change(nint consumer, IReadOnlyCollection<TopicPartition> partitions, bool add)
    {
        if (partitions.Count == 0)
            return;
        LibRdKafka.PartitionList* list = LibRdKafka.PartitionListNew(partitions.Count);
        try
        {
            foreach (TopicPartition partition in partitions)
                LibRdKafka.PartitionListAdd(list, partition.Topic, partition.Partition.Value);
            ThrowIf(add ? LibRdKafka.IncrementalAssign(consumer, list) : LibRdKafka.IncrementalUnassign(consumer, list));
        }
        finally
        {
            LibRdKafka.PartitionListDestroy(list);
        }
    }

    private static void ThrowIf(nint error)
    {
        if (error == 0)
            return;
        Error reason = new((ErrorCode)LibRdKafka.ErrorCode(error), Marshal.PtrToStringUTF8(LibRdKafka.ErrorString(error)));
        LibRdKafka.ErrorDestroy(error);
        throw new KafkaException(reason);
    }
}
