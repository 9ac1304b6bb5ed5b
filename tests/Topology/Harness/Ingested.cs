using Assay.Schemas;

namespace Assay.Topology.Tests.Harness;

/// <summary>Inputs as ingest writes them: whole records.</summary>
internal static class Ingested
{
    public static ApiPrice Record(Quote quote) => new()
    {
        Pair = quote.Pair,
        Source = quote.Source,
        EventType = "cg",
        Price = quote.Price,
        QuotedAt = quote.QuotedAt is { } quotedAt ? Utc(quotedAt) : null,
        ObservedAt = Utc(quote.ObservedAt),
        Event = """{"ethereum":{"usd":1680.1}}""",
    };

    public static ContractPrice Record(ContractAnswer answer) => new()
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
    };

    private static DateTime Utc(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
}
