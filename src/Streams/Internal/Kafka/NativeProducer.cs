using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>Hands records to a producer of Confluent.Kafka's without making objects of them: for those that have no headers and whose delivery nobody asks about.</summary>
/// <param name="producer">The producer's handle; must outlive this.</param>
internal sealed unsafe class NativeProducer(nint producer) : IDisposable
{
    /// <summary>RD_KAFKA_MSG_F_COPY: librdkafka copies the bytes before the call returns.</summary>
    private const int CopyBytes = 2;
    private const int AnyPartition = -1;
    private const int Arguments = 6;

    /// <summary>Topic handles: finding a topic by its name takes librdkafka a lock and a walk along all of them, for each record.</summary>
    private readonly Dictionary<string, nint> _topics = new(StringComparer.Ordinal);

    /// <summary>Puts a record into the producer's queue.</summary>
    /// <exception cref="KafkaException">It was not taken.</exception>
    public void Send(string topic, int? partition, RawBytes key, RawBytes value, long timestamp)
    {
        LibRdKafka.Argument* arguments = stackalloc LibRdKafka.Argument[Arguments];
        byte nothing = 0;
        fixed (byte* keyBytes = key.Span, valueBytes = value.Span)
        {
            arguments[0] = new() { Type = LibRdKafka.ArgumentType.Topic, Pointer = TopicHandle(topic) };
            arguments[1] = new() { Type = LibRdKafka.ArgumentType.Partition, Number = partition ?? AnyPartition };
            arguments[2] = new() { Type = LibRdKafka.ArgumentType.Flags, Number = CopyBytes };
            arguments[3] = new() { Type = LibRdKafka.ArgumentType.Timestamp, Number = timestamp };
            // A null pointer means null, so what is empty has to point somewhere.
            arguments[4] = new() { Type = LibRdKafka.ArgumentType.Key, Pointer = (nint)(key.IsNull || keyBytes is not null ? keyBytes : &nothing), Length = (nuint)key.Span.Length };
            arguments[5] = new() { Type = LibRdKafka.ArgumentType.Value, Pointer = (nint)(value.IsNull || valueBytes is not null ? valueBytes : &nothing), Length = (nuint)value.Span.Length };
            nint error = LibRdKafka.ProduceArguments(producer, arguments, Arguments);
            if (error != 0)
                throw new KafkaException(Read(error));
        }
    }

    /// <summary>Sends what is queued and waits until it is delivered, no longer than <paramref name="within"/>. What failed is told by the transaction's commit.</summary>
    /// <remarks>librdkafka's own wait within a commit looks once in ten milliseconds, unless it happens to be it that takes the last delivery's report and not Confluent.Kafka's thread.</remarks>
    public void Flush(TimeSpan within, TimeProvider clock)
    {
        const int shortWaitMs = 2, timedOut = (int)ErrorCode.Local_TimedOut;
        long started = clock.GetTimestamp();
        while (LibRdKafka.Flush(producer, shortWaitMs) == timedOut && clock.GetElapsedTime(started) < within)
        {
        }
    }

    public void Dispose()
    {
        foreach (nint topic in _topics.Values)
            LibRdKafka.TopicDestroy(topic);
        _topics.Clear();
    }

    private nint TopicHandle(string topic)
    {
        if (_topics.TryGetValue(topic, out nint handle))
            return handle;
        handle = LibRdKafka.TopicNew(producer, topic, 0);
        if (handle == 0)
            throw new KafkaException(new Error((ErrorCode)LibRdKafka.LastError(), $"'{topic}' cannot be written to."));
        _topics.Add(topic, handle);
        return handle;
    }

    private static Error Read(nint error)
    {
        Error read = new((ErrorCode)LibRdKafka.ErrorCode(error), Marshal.PtrToStringUTF8(LibRdKafka.ErrorString(error)), LibRdKafka.ErrorIsFatal(error) != 0);
        LibRdKafka.ErrorDestroy(error);
        return read;
    }
}
