using Assay.Avro.Registry;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Topology.Tests.Harness;

/// <summary>Writes quotes and answers as ingest does: whole Avro records.</summary>
internal sealed class InputRecords(ISchemaRegistryClient registry)
{
    private readonly AvroSerializer<ContractPrice> _contracts = new(registry, Topics.Contracts);
    private readonly AvroSerializer<ApiPrice> _apis = new(registry, Topics.Apis);

    /// <summary>The topic, key, value and time of a <see cref="Quote"/> or <see cref="ContractAnswer"/>.</summary>
    public (string Topic, string Key, byte[] Value, long Time) Of(object input) => input is Quote quote
        ? (Topics.Apis, quote.Pair, _apis.Serialize(Ingested.Record(quote), SerializationContext.Empty), quote.ObservedAt)
        : Of((ContractAnswer)input);

    private (string Topic, string Key, byte[] Value, long Time) Of(ContractAnswer answer) =>
        (Topics.Contracts, answer.Pair, _contracts.Serialize(Ingested.Record(answer), SerializationContext.Empty), answer.UpdatedAt);
}
