using System.Buffers;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Nodes;

internal sealed class SinkNode<TKey, TValue>(
    string name, StreamTask task, string? fixedTopic, TopicNameExtractor<TKey, TValue>? extractor, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    : NodeInput<TKey, TValue>(name), IMeasuredSink
{
    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _value = new();

    public long Sent { get; private set; }

    public long LastTimestamp { get; private set; }

    public override void Process(in Record<TKey, TValue> record)
    {
        string topic = fixedTopic ?? "";
        try
        {
            topic = fixedTopic ?? extractor!(in record, task.CurrentSource);
            RawBytes key = Write(record.Key, keySerde, _key, new SerdeContext(topic, IsKey: true, record.Headers));
            RawBytes value = Write(record.Value, valueSerde, _value, new SerdeContext(topic, IsKey: false, record.Headers));
            task.Collector.Send(topic, partition: null, key, value, record.Timestamp, record.Headers);
            Sent++;
            LastTimestamp = record.Timestamp;
        }
        catch (Exception exception) when (StreamTask.IsRecordFailure(exception))
        {
            task.HandleProductionFailure(Name, topic, exception);
        }
    }

    private static RawBytes Write<T>(T value, ISerde<T> serde, ArrayBufferWriter<byte> to, in SerdeContext context)
    {
        if (value is null)
            return RawBytes.Null;
        to.ResetWrittenCount();
        serde.Serialize(value, to, in context);
        return new RawBytes(to.WrittenSpan);
    }
}
