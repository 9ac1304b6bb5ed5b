using System.Text.Json;
using Assay.Avro.Internal;

namespace Assay.Avro.Registry;

/// <summary>A client of Confluent's Schema Registry API, version 1. What it was told once it remembers; concurrent requests for the same are one request.</summary>
public sealed class SchemaRegistryClient : ISchemaRegistryClient, IDisposable
{
    /// <summary>Confluent's error codes.</summary>
    internal const int SubjectNotFound = 40401;
    internal const int VersionNotFound = 40402;
    internal const int SchemaNotFound = 40403;

    private const int CacheCapacity = 1_000;

    private readonly RegistryHttp _http;
    private readonly SharedCache<int, AvroSchema> _schemas = new(CacheCapacity);
    private readonly SharedCache<(string Subject, string Schema), int> _ids = new(CacheCapacity);

    public SchemaRegistryClient(SchemaRegistryOptions options, TimeProvider time) => _http = new RegistryHttp(options, time);

    /// <inheritdoc/>
    public Task<AvroSchema> GetSchemaAsync(int id, CancellationToken cancellationToken = default) =>
        _schemas.GetAsync(id, FetchSchemaAsync).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<int> RegisterSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) =>
        _ids.GetAsync((subject, schema.ToString()), RegisterAsync).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default)
    {
        using JsonDocument answer = await _http.GetAsync($"subjects/{Uri.EscapeDataString(subject)}/versions/latest", cancellationToken);
        return Registered(answer);
    }

    /// <inheritdoc/>
    public async Task<RegisteredSchema?> LookupSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default)
    {
        try
        {
            using JsonDocument answer = await _http.PostAsync($"subjects/{Uri.EscapeDataString(subject)}", schema.ToString(), cancellationToken);
            return Registered(answer);
        }
        catch (SchemaRegistryException refusal) when (refusal.ErrorCode is SubjectNotFound or SchemaNotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsCompatibleAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default)
    {
        try
        {
            string path = $"compatibility/subjects/{Uri.EscapeDataString(subject)}/versions/latest";
            using JsonDocument answer = await _http.PostAsync(path, schema.ToString(), cancellationToken);
            return RegistryHttp.Member(answer, "is_compatible", JsonValueKind.True) is not null;
        }
        catch (SchemaRegistryException refusal) when (refusal.ErrorCode is SubjectNotFound or VersionNotFound)
        {
            return true;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<AvroSchema> FetchSchemaAsync(int id)
    {
        try
        {
            using JsonDocument answer = await _http.GetAsync($"schemas/ids/{id}", CancellationToken.None);
            if (RegistryHttp.Member(answer, "schemaType", JsonValueKind.String) is { } type && type.GetString() is { } name and not "AVRO")
                throw new AvroException($"The schema {id} of the registry is one of {name}, not of Avro.");
            return AvroSchema.Parse(_http.Text(answer, "schema"));
        }
        catch (SchemaRegistryException refusal) when (refusal.ErrorCode == SchemaNotFound)
        {
            throw new AvroException($"The registry has no schema of the id {id}.", refusal);
        }
    }

    private async Task<int> RegisterAsync((string Subject, string Schema) key)
    {
        using JsonDocument answer = await _http.PostAsync($"subjects/{Uri.EscapeDataString(key.Subject)}/versions", key.Schema, CancellationToken.None);
        return _http.Number(answer, "id");
    }

    private RegisteredSchema Registered(JsonDocument answer) => new(
        _http.Text(answer, "subject"), _http.Number(answer, "version"), _http.Number(answer, "id"), AvroSchema.Parse(_http.Text(answer, "schema")));
}
