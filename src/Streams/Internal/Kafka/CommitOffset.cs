using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>What a commit says of one input partition.</summary>
/// <param name="Topic">The input topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">That of the next unprocessed record; −1: never committed.</param>
/// <param name="PartitionTime">The highest timestamp processed, ms since the epoch; −1: none.</param>
internal readonly record struct CommitOffset(string Topic, int Partition, long Offset, long PartitionTime);

/// <summary>Moves commit offsets to and from librdkafka's lists. The partition time travels as commit metadata in the form of Kafka Streams'
/// <c>TopicPartitionMetadata</c>, version 1: base64 of the version byte and eight bytes, big-endian.</summary>
internal static unsafe class CommitOffsets
{
    private const byte Version = 1;

    public static LibRdKafka.PartitionList* ToNative(IReadOnlyCollection<CommitOffset> offsets)
    {
        LibRdKafka.PartitionList* list = LibRdKafka.PartitionListNew(offsets.Count);
        foreach (CommitOffset offset in offsets)
        {
            LibRdKafka.PartitionEntry* entry = LibRdKafka.PartitionListAdd(list, offset.Topic, offset.Partition);
            entry->Offset = offset.Offset;
            if (offset.PartitionTime < 0)
                continue;
            byte[] metadata = Encoding.ASCII.GetBytes(Encode(offset.PartitionTime));
            // The list's destroy calls free(); this is malloc().
            entry->Metadata = (byte*)NativeMemory.Alloc((nuint)metadata.Length);
            entry->MetadataLength = (nuint)metadata.Length;
            metadata.CopyTo(new Span<byte>(entry->Metadata, metadata.Length));
        }
        return list;
    }

    /// <summary>What the group has committed for some partitions; waits for open transactions of former owners to end.</summary>
    /// <exception cref="KafkaException">Not known within the time.</exception>
    public static List<CommitOffset> Committed(nint consumer, IReadOnlyCollection<TopicPartition> partitions, TimeSpan within)
    {
        LibRdKafka.PartitionList* list = LibRdKafka.PartitionListNew(partitions.Count);
        try
        {
            foreach (TopicPartition partition in partitions)
                LibRdKafka.PartitionListAdd(list, partition.Topic, partition.Partition.Value);
            Check((ErrorCode)LibRdKafka.Committed(consumer, list, (int)within.TotalMilliseconds));
            List<CommitOffset> committed = new(list->Count);
            for (int i = 0; i < list->Count; i++)
            {
                LibRdKafka.PartitionEntry* entry = &list->Entries[i];
                Check((ErrorCode)entry->Error);
                ReadOnlySpan<byte> metadata = entry->Metadata is null ? default : new ReadOnlySpan<byte>(entry->Metadata, (int)entry->MetadataLength);
                committed.Add(new CommitOffset(
                    Marshal.PtrToStringUTF8(entry->Topic)!, entry->Partition, Math.Max(entry->Offset, -1), Decode(Encoding.ASCII.GetString(metadata))));
            }
            return committed;
        }
        finally
        {
            LibRdKafka.PartitionListDestroy(list);
        }
    }

    public static string Encode(long partitionTime)
    {
        Span<byte> bytes = stackalloc byte[1 + sizeof(long)];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], partitionTime);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>−1 where the metadata is none of ours: a commit made by a tool that moved the offsets.</summary>
    public static long Decode(string metadata)
    {
        Span<byte> bytes = stackalloc byte[64];
        return Convert.TryFromBase64String(metadata, bytes, out int length) && length >= 1 + sizeof(long) && bytes[0] is Version or 2
            ? BinaryPrimitives.ReadInt64BigEndian(bytes[1..])
            : -1;
    }

    private static void Check(ErrorCode error)
    {
        if (error != ErrorCode.NoError)
            throw new KafkaException(new Error(error));
    }
}
