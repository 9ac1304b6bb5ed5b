using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Reads a message where librdkafka keeps it (<c>rd_kafka_message_t</c> in rdkafka.h), without copying its bytes.</summary>
internal static unsafe partial class NativeMessage
{
    /// <summary>Error of a message that stands for the end of a partition.</summary>
    public const int PartitionEof = -191;

    public static RawBytes Key(nint message) => Bytes(((Layout*)message)->Key, ((Layout*)message)->KeyLength);

    public static RawBytes Value(nint message) => Bytes(((Layout*)message)->Payload, ((Layout*)message)->Length);

    public static int Error(nint message) => ((Layout*)message)->Error;

    public static int Partition(nint message) => ((Layout*)message)->Partition;

    public static long Offset(nint message) => ((Layout*)message)->Offset;

    /// <summary>The topic's handle: the same for all messages of a topic while it is assigned.</summary>
    public static nint TopicHandle(nint message) => ((Layout*)message)->Topic;

    public static string TopicName(nint message) => Marshal.PtrToStringUTF8(LibRdKafka.TopicName(((Layout*)message)->Topic))!;

    /// <summary>Milliseconds since the epoch; −1 where the record has none.</summary>
    public static long Timestamp(nint message) => LibRdKafka.MessageTimestamp(message, out _);

    public static void Destroy(nint message) => LibRdKafka.MessageDestroy(message);

    public static Headers? Headers(nint message)
    {
        if (LibRdKafka.MessageHeaders(message, out nint native) != 0)
            return null;
        Headers headers = [];
        for (nuint i = 0; LibRdKafka.HeaderGetAll(native, i, out nint name, out nint value, out nuint length) == 0; i++)
            headers.Add(Marshal.PtrToStringUTF8(name)!, value == 0 ? null : new ReadOnlySpan<byte>((void*)value, checked((int)length)).ToArray());
        return headers;
    }

    /// <summary>What a message that carries an error says.</summary>
    public static string ErrorText(nint message) => Encoding.UTF8.GetString(Value(message).Span);

    private static RawBytes Bytes(void* start, nuint length) => start is null ? RawBytes.Null : new RawBytes(new ReadOnlySpan<byte>(start, checked((int)length)));

    [StructLayout(LayoutKind.Sequential)]
    private struct Layout
    {
        public int Error;
        public nint Topic;
        public int Partition;
        public void* Payload;
        public nuint Length;
        public void* Key;
        public nuint KeyLength;
        public long Offset;
        public nint Private;
    }
}
