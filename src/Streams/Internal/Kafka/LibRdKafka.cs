using System.Runtime.InteropServices;

namespace Assay.Streams.Internal.Kafka;

/// <summary>The few functions of librdkafka that Confluent.Kafka wraps too dearly (batches of messages, read in place) or not at all (commit
/// metadata). They work on the handles of Confluent.Kafka's own clients. Signatures: rdkafka.h.</summary>
internal static unsafe partial class LibRdKafka
{
    public const string Library = "librdkafka";

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_get_consumer")]
    public static partial nint QueueGetConsumer(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_destroy")]
    public static partial void QueueDestroy(nint queue);

    /// <summary>Waits until the batch is full or the time is over; serves rebalance callbacks on the calling thread.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_batch_queue")]
    public static partial nint ConsumeBatchQueue(nint queue, int timeoutMs, nint* messages, nuint size);

    /// <summary>What the last fetch said; asks no broker. With committed reads, <paramref name="high"/> is the last stable offset.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_get_watermark_offsets", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetWatermarkOffsets(nint consumer, string topic, int partition, out long low, out long high);

    /// <summary>Null, or an error object, as the two below.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_incremental_assign")]
    public static partial nint IncrementalAssign(nint consumer, PartitionList* partitions);

    [LibraryImport(Library, EntryPoint = "rd_kafka_incremental_unassign")]
    public static partial nint IncrementalUnassign(nint consumer, PartitionList* partitions);

    [LibraryImport(Library, EntryPoint = "rd_kafka_seek_partitions")]
    public static partial nint SeekPartitions(nint consumer, PartitionList* partitions, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_timestamp")]
    [SuppressGCTransition]
    public static partial long MessageTimestamp(nint message, out int type);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_destroy")]
    public static partial void MessageDestroy(nint message);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_headers")]
    [SuppressGCTransition]
    public static partial int MessageHeaders(nint message, out nint headers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_header_get_all")]
    public static partial int HeaderGetAll(nint headers, nuint index, out nint name, out nint value, out nuint length);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_name")]
    public static partial nint TopicName(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_new")]
    public static partial PartitionList* PartitionListNew(int size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_add", StringMarshalling = StringMarshalling.Utf8)]
    public static partial PartitionEntry* PartitionListAdd(PartitionList* list, string topic, int partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_destroy")]
    public static partial void PartitionListDestroy(PartitionList* list);

    [LibraryImport(Library, EntryPoint = "rd_kafka_committed")]
    public static partial int Committed(nint consumer, PartitionList* partitions, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_commit")]
    public static partial int Commit(nint consumer, PartitionList* offsets, int asynchronous);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consumer_group_metadata")]
    public static partial nint ConsumerGroupMetadata(nint consumer);

    /// <summary>Null, or an error object; <paramref name="bytes"/> are freed with <see cref="MemoryFree"/>.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_consumer_group_metadata_write")]
    public static partial nint ConsumerGroupMetadataWrite(nint metadata, out nint bytes, out nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mem_free")]
    public static partial void MemoryFree(nint client, nint memory);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consumer_group_metadata_destroy")]
    public static partial void ConsumerGroupMetadataDestroy(nint metadata);

    /// <summary>Null, or an error object.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_send_offsets_to_transaction")]
    public static partial nint SendOffsetsToTransaction(nint producer, PartitionList* offsets, nint groupMetadata, int timeoutMs);

    /// <summary>A handle of its own, with the client's settings where <paramref name="settings"/> is null; null where the name cannot be one: see <see cref="LastError"/>.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint TopicNew(nint client, string topic, nint settings);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_destroy")]
    public static partial void TopicDestroy(nint topic);

    /// <summary>Of this thread's last call that tells errors this way.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_last_error")]
    public static partial int LastError();

    /// <summary>Null, or an error object.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_produceva")]
    public static partial nint ProduceArguments(nint producer, Argument* arguments, nuint count);

    /// <summary>Sends what lingers and serves callbacks; zero when nothing is under way any more.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_flush")]
    public static partial int Flush(nint producer, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_is_fatal")]
    public static partial int ErrorIsFatal(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_code")]
    public static partial int ErrorCode(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_string")]
    public static partial nint ErrorString(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_is_retriable")]
    public static partial int ErrorIsRetriable(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_txn_requires_abort")]
    public static partial int ErrorRequiresAbort(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_destroy")]
    public static partial void ErrorDestroy(nint error);

    /// <summary><c>rd_kafka_vtype_t</c>.</summary>
    public enum ArgumentType
    {
        Topic = 2,
        Partition = 3,
        Value = 4,
        Key = 5,
        Flags = 7,
        Timestamp = 8,
    }

    /// <summary><c>rd_kafka_vu_t</c>: a tag and a union of 64 bytes, here with the members that we use.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    public struct Argument
    {
        [FieldOffset(0)]
        public ArgumentType Type;
        [FieldOffset(8)]
        public long Number;
        [FieldOffset(8)]
        public nint Pointer;
        [FieldOffset(16)]
        public nuint Length;
    }

    /// <summary><c>rd_kafka_topic_partition_list_t</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PartitionList
    {
        public int Count;
        public int Size;
        public PartitionEntry* Entries;
    }

    /// <summary><c>rd_kafka_topic_partition_t</c>; the list frees <see cref="Metadata"/> with free().</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PartitionEntry
    {
        public nint Topic;
        public int Partition;
        public long Offset;
        public byte* Metadata;
        public nuint MetadataLength;
        public nint Opaque;
        public int Error;
        public nint Private;
    }
}
