using System.Buffers;
using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Streams;

namespace Assay.Topology.Internal.Wiring;

/// <summary>Reads an input topic's Avro into the few fields that the topology needs.</summary>
internal sealed class InputSerde<T>(ISchemaRegistryClient registry) : ISerde<IInput>, IDisposable
    where T : class, IInput, IAvroRecord<T>
{
    // A deserializer keeps the strings it has seen and is used by one thread at a time; a serde serves all stream threads.
    private readonly ThreadLocal<AvroDeserializer<T>> _deserializer = new(() => new AvroDeserializer<T>(registry));

    public IInput Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => _deserializer.Value!.Decode(bytes);

    public void Serialize(IInput value, IBufferWriter<byte> to, in SerdeContext context) =>
        throw new NotSupportedException("The topology reads its inputs and writes none.");

    public void Dispose() => _deserializer.Dispose();
}

/// <summary>A key that nobody asks for: the pair stands in the value too.</summary>
internal readonly struct NoKey
{
    public static ISerde<NoKey> Serde { get; } = new NoKeySerde();

    private sealed class NoKeySerde : ISerde<NoKey>
    {
        public void Serialize(NoKey value, IBufferWriter<byte> to, in SerdeContext context)
        {
        }

        public NoKey Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => default;
    }
}
