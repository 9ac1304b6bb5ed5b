using System.Collections.Concurrent;
using Assay.Avro;
using Assay.Avro.Registry;

namespace Assay.Topology.Tests.Harness;

/// <summary>A schema registry that lives in this process; <see cref="Away"/> makes it one that does not answer.</summary>
internal sealed class MemoryRegistry : ISchemaRegistryClient
{
    private readonly ConcurrentDictionary<string, int> _ids = new();
    private readonly ConcurrentDictionary<int, AvroSchema> _schemas = new();

    public bool Away { get; set; }

    public Task<AvroSchema> GetSchemaAsync(int id, CancellationToken cancellationToken = default)
    {
        if (Away)
            throw new SchemaRegistryException("The schema registry does not answer.", 0, isTransient: true);
        return _schemas.TryGetValue(id, out AvroSchema? schema)
            ? Task.FromResult(schema)
            : throw new SchemaRegistryException($"The schema registry has no schema {id}.", 40403, isTransient: false);
    }

    public Task<int> RegisterSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default)
    {
        int id = _ids.GetOrAdd(subject, _ => _ids.Count + 1);
        _schemas[id] = schema;
        return Task.FromResult(id);
    }

    public Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<RegisteredSchema?> LookupSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> IsCompatibleAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
