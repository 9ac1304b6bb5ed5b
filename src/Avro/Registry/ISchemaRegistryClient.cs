namespace Assay.Avro.Registry;

/// <summary>A schema registry in Confluent's vocabulary. Safe for concurrent use.</summary>
/// <remarks>Every method throws <see cref="SchemaRegistryException"/> where the registry refuses or does not answer.</remarks>
public interface ISchemaRegistryClient
{
    /// <summary>The schema of an id.</summary>
    /// <exception cref="AvroException">The registry has an answer, but no Avro schema of that id.</exception>
    Task<AvroSchema> GetSchemaAsync(int id, CancellationToken cancellationToken = default);

    /// <summary>Makes the schema a version of the subject, if it is none yet, and tells its id.</summary>
    Task<int> RegisterSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default);

    /// <summary>The newest version of the subject.</summary>
    Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default);

    /// <summary>The version of the subject that is this schema; null where none is.</summary>
    Task<RegisteredSchema?> LookupSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default);

    /// <summary>Whether the subject's compatibility level lets the schema become its next version; true for a subject without versions.</summary>
    Task<bool> IsCompatibleAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default);
}

/// <summary>A schema as it stands in a registry.</summary>
/// <param name="Subject">E.g. <c>contracts-value</c>.</param>
/// <param name="Version">In the subject, from 1.</param>
/// <param name="Id">In the registry: what stands before each record.</param>
/// <param name="Schema">Parsed.</param>
public sealed record RegisteredSchema(string Subject, int Version, int Id, AvroSchema Schema);
