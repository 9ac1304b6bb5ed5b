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
        ? (Topics.Apis, quote.Pair, Bytes(quote), quote.ObservedAt)
        : (Topics.Contracts, ((ContractAnswer)input).Pair, Bytes((ContractAnswer)input), ((ContractAnswer)input).UpdatedAt);

    private byte[] Bytes(Quote quote) => _apis.Serialize(new ApiPrice
    {
        Pair = quote.Pair,
        Source = quote.Source,
        EventType = "cg",
        Price = quote.Price,
        QuotedAt = quote.QuotedAt is { } quotedAt ? Utc(quotedAt) : null,
        ObservedAt = Utc(quote.ObservedAt),
        Event = """{"ethereum":{"usd":1680.1}}""",
    }, SerializationContext.Empty);

    private byte[] Bytes(ContractAnswer answer) => _contracts.Serialize(new ContractPrice
    {
        Pair = answer.Pair,
        Feed = answer.Feed,
        ChainId = answer.ChainId,
        Proxy = "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419",
        Aggregator = "0x37bC7498f4FF12C19678ee8fE19d540b87F6a9e6",
        RoundId = answer.RoundId,
        Answer = "1",
        Decimals = 8,
        Price = answer.Price,
        UpdatedAt = Utc(answer.UpdatedAt),
        BlockNumber = answer.BlockNumber,
        BlockHash = answer.BlockHash,
        TransactionHash = "0x00",
        TransactionIndex = 0,
        LogIndex = answer.LogIndex,
        Removed = answer.Removed,
        ObservedAt = Utc(answer.ObservedAt),
    }, SerializationContext.Empty);

    private static DateTime Utc(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
}
