using Assay.Schemas;

namespace Assay.Avro.Tests.Support;

/// <summary>Records as the processes write them.</summary>
internal static class Samples
{
    public static ContractPrice Answer { get; } = new()
    {
        Pair = "ETH-USD",
        Feed = "eth-usd",
        ChainId = 1,
        Proxy = "0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419",
        Aggregator = "0xe62b71cf983019bff55bc83b48601ce8419650cc",
        RoundId = "110680464442257314301",
        Answer = "168312000000",
        Decimals = 8,
        Price = 1683.12m,
        UpdatedAt = new DateTime(2023, 8, 17, 21, 41, 11, DateTimeKind.Utc),
        BlockNumber = 17_936_000,
        BlockHash = "0x" + new string('a', 64),
        TransactionHash = "0x" + new string('b', 64),
        TransactionIndex = 77,
        LogIndex = 201,
        ObservedAt = new DateTime(2023, 8, 17, 21, 41, 12, 345, DateTimeKind.Utc),
    };

    public static ApiPrice Quote { get; } = new()
    {
        Pair = "ETH-USD",
        Source = "coingecko",
        EventType = "cg",
        Price = 1680.1m,
        QuotedAt = null,
        ObservedAt = new DateTime(2023, 8, 17, 21, 41, 12, 345, DateTimeKind.Utc),
        Event = """{"ethereum":{"usd":1680.1}}""",
    };
}
