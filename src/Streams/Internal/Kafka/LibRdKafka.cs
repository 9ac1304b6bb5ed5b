using System.Runtime.InteropServices;

namespace Assay.Streams.Internal.Kafka;

/// <summary>The few functions of librdkafka that the hot path needs and that Confluent.Kafka wraps too dearly or not at all: batches of messages
/// read in place, and commit metadata. Signatures: rdkafka.h. They work on the handles of Confluent.Kafka's own clients.</summary>
internal static partial class LibRdKafka
{
    private const string Library = "librdkafka";

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_timestamp")]
    [SuppressGCTransition]
    public static partial long MessageTimestamp(nint message, out int type);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_destroy")]
    public static partial void MessageDestroy(nint message);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_headers")]
    public static partial int MessageHeaders(nint message, out nint headers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_header_get_all")]
    public static partial int HeaderGetAll(nint headers, nuint index, out nint name, out nint value, out nuint length);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_name")]
    public static partial nint TopicName(nint topic);
}
