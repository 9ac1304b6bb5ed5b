using System.Buffers;
using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Streams;

namespace Assay.Topology.Internal.Wiring;

/// <summary>The output topic's JSON.</summary>
internal sealed class AccuracyJsonSerde : ISerde<Accuracy>
{
    public void Serialize(Accuracy value, IBufferWriter<byte> to, in SerdeContext context) => AccuracyJson.Write(value, to);

    public Accuracy Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => AccuracyJson.Read(bytes);
}

/// <summary>The output topic's Avro, for those who asked for it.</summary>
internal sealed class AccuracyAvroSerde(ISchemaRegistryClient registry, string topic) : ISerde<Accuracy>
{
    private readonly AvroSerializer<AccuracyRecord> _serializer = new(registry, topic);

    public void Serialize(Accuracy value, IBufferWriter<byte> to, in SerdeContext context) => _serializer.Encode(AccuracyAvro.ToAvro(value), to);

    public Accuracy Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => throw new NotSupportedException("The topology writes this topic and does not read it.");
}
