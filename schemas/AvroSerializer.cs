using System.Buffers;
using Assay.Avro;
using Assay.Avro.Registry;
using Confluent.Kafka;

namespace Assay.Schemas;

/// <summary>Writes records of one topic in Confluent's wire format; the schema is registered under <c>{topic}-value</c> or <c>{topic}-key</c> (TopicNameStrategy).</summary>
/// <remarks>Safe for concurrent use. The first record waits for the registry, bounded by the client's time-outs; <see cref="PrepareAsync"/> does so ahead of it.</remarks>
public sealed class AvroSerializer<T> : ISerializer<T>, IAsyncSerializer<T> where T : class, IAvroRecord<T>
{
    private const int Unknown = -1;

    private readonly ISchemaRegistryClient _registry;
    private readonly CancellationToken _stopping;
    private volatile int _id = Unknown;

    /// <param name="registry">Where the schema is registered.</param>
    /// <param name="topic">Names the subject.</param>
    /// <param name="isKey">Whether the records are keys.</param>
    /// <param name="stopping">Ends a wait for the registry that has no token of its own.</param>
    public AvroSerializer(ISchemaRegistryClient registry, string topic, bool isKey = false, CancellationToken stopping = default)
    {
        _registry = registry;
        _stopping = stopping;
        Subject = $"{topic}-{(isKey ? "key" : "value")}";
    }

    /// <summary>Where the schema stands in the registry.</summary>
    public string Subject { get; }

    /// <summary>Registers the schema, so that a refusal shows at the start and the first record need not wait.</summary>
    /// <exception cref="SchemaRegistryException">The registry refuses the schema, or does not answer.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken) =>
        _id = await _registry.RegisterSchemaAsync(Subject, T.Schema, cancellationToken);

    /// <summary>Writes the header and the record. After a failure the output holds a part of them.</summary>
    /// <exception cref="AvroException">A value that the schema cannot hold; the message names the field.</exception>
    /// <exception cref="SchemaRegistryException">The schema is not registered yet, and the registry refuses it or does not answer.</exception>
    public void Encode(T value, IBufferWriter<byte> output)
    {
        if (_id == Unknown)
            PrepareAsync(_stopping).GetAwaiter().GetResult();
        ConfluentWireFormat.WriteId(_id, output);
        AvroRecord.Encode(value, output);
    }

    /// <summary>As <see cref="Encode"/>; null becomes null, a tombstone.</summary>
    public byte[] Serialize(T data, SerializationContext context)
    {
        if (data is null)
            return null!;
        ArrayBufferWriter<byte> output = new();
        Encode(data, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>As <see cref="Serialize"/>, waiting for the registry without a thread.</summary>
    public async Task<byte[]> SerializeAsync(T data, SerializationContext context)
    {
        if (_id == Unknown)
            await PrepareAsync(_stopping);
        return Serialize(data, context);
    }
}
