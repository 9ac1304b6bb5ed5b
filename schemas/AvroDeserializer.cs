using Assay.Avro;
using Assay.Avro.Registry;
using Confluent.Kafka;

namespace Assay.Schemas;

/// <summary>Reads records in Confluent's wire format, whatever schema wrote them, into <typeparamref name="T"/>.</summary>
/// <remarks>
/// The first record of each writer's schema waits for the registry, bounded by the client's time-outs.
/// Used by one thread at a time, as a consumer is: it keeps the strings that come again and again.
/// </remarks>
/// <param name="registry">Where the writers' schemas stand.</param>
/// <param name="stopping">Ends a wait for the registry.</param>
public sealed class AvroDeserializer<T>(ISchemaRegistryClient registry, CancellationToken stopping = default) : IDeserializer<T> where T : class, IAvroRecord<T>
{
    /// <summary>More writers' schemas than a topic has; ids in broken records must not fill the memory.</summary>
    private const int MaximumPlans = 1_000;

    private readonly Dictionary<int, AvroReadPlan> _plans = [];
    private readonly AvroStringCache _strings = new();
    private AvroReadPlan? _lastPlan;
    private int _lastId;

    /// <exception cref="AvroException">The data is not such a record, or its schema cannot be read as <typeparamref name="T"/>; the message says where and why.</exception>
    /// <exception cref="SchemaRegistryException">The writer's schema is not known yet and the registry does not answer.</exception>
    public T Decode(ReadOnlySpan<byte> data)
    {
        int id = ConfluentWireFormat.ReadId(data);
        AvroReadPlan? plan = _lastPlan;
        if (plan is null || id != _lastId)
        {
            _lastPlan = plan = Plan(id);
            _lastId = id;
        }
        return AvroRecord.Decode<T>(data[ConfluentWireFormat.HeaderSize..], plan, _strings);
    }

    /// <summary>As <see cref="Decode"/>; null becomes null.</summary>
    public T Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null! : Decode(data);

    private AvroReadPlan Plan(int id)
    {
        if (_plans.TryGetValue(id, out AvroReadPlan? plan))
            return plan;
        AvroSchema writer = registry.GetSchemaAsync(id, stopping).GetAwaiter().GetResult();
        plan = AvroReadPlan.Compile(writer, T.Schema);
        if (_plans.Count < MaximumPlans)
            _plans.Add(id, plan);
        return plan;
    }
}
