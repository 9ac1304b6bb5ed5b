using System.Collections.Concurrent;
using Assay.Avro.Registry;

namespace Assay.Avro.Tests.Support;

/// <summary>A schema registry in memory: the other implementation of the interface.</summary>
internal sealed class MemoryRegistry : ISchemaRegistryClient
{
    private readonly ConcurrentDictionary<string, int> _ids = new();
    private readonly ConcurrentDictionary<int, AvroSchema> _schemas = new();

    public List<string> Subjects { get; } = [];

    public Task<AvroSchema> GetSchemaAsync(int id, CancellationToken cancellationToken = default) =>
        _schemas.TryGetValue(id, out AvroSchema? schema) ? Task.FromResult(schema) : throw new AvroException($"no schema {id}");

    public Task<int> RegisterSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default)
    {
        Subjects.Add(subject);
        int id = _ids.GetOrAdd(schema.ToString(), _ => _ids.Count + 1);
        _schemas[id] = schema;
        return Task.FromResult(id);
    }

    public Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<RegisteredSchema?> LookupSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<bool> IsCompatibleAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
