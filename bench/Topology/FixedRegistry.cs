using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Schemas;

namespace Assay.Topology.Bench;

/// <summary>No registry need run beside a benchmark: the two schemas have the ids that whoever fills the topics takes when told nothing else.</summary>
internal sealed class FixedRegistry : ISchemaRegistryClient
{
    public const int QuoteId = 1;
    public const int AnswerId = 2;

    public Task<AvroSchema> GetSchemaAsync(int id, CancellationToken cancellationToken = default) => Task.FromResult<AvroSchema>(id switch
    {
        QuoteId => ApiPrice.Schema,
        AnswerId => ContractPrice.Schema,
        _ => throw new UserException($"A record has the schema id {id}: fill the topics with quotes of id {QuoteId} and answers of id {AnswerId}."),
    });

    public Task<int> RegisterSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) =>
        Task.FromResult(ReferenceEquals(schema, ApiPrice.Schema) ? QuoteId : AnswerId);

    public Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<RegisteredSchema?> LookupSchemaAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> IsCompatibleAsync(string subject, AvroSchema schema, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
