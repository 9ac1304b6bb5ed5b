using System.Globalization;
using Assay.Schemas;

namespace Assay.Sink.Tests;

/// <summary>Records with everything a test does not care about filled in.</summary>
internal static class Make
{
    public static readonly DateTime Start = new(2023, 8, 17, 21, 45, 0, DateTimeKind.Utc);

    /// <summary>A log of the ETH-USD proxy's phase 6, one block and 12 s after the one before.</summary>
    public static ContractPrice Log(int round, bool removed = false, string answer = "168312000000", string? blockHash = null) => new()
    {
        Pair = "ETH-USD",
        Feed = "eth-usd",
        ChainId = 1,
        Proxy = "0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419",
        Aggregator = "0xe62b71cf983019bff55bc83b48601ce8419650cc",
        RoundId = ((UInt128)6 << 64 | (uint)round).ToString(CultureInfo.InvariantCulture),
        Answer = answer,
        Decimals = 8,
        Price = 1683.12m,
        UpdatedAt = Start.AddSeconds(12 * round),
        BlockNumber = 17_000_000 + round,
        BlockHash = blockHash ?? $"0x{round:x64}",
        TransactionHash = $"0x{round + 1_000_000:x64}",
        TransactionIndex = 3,
        LogIndex = 7,
        Removed = removed,
        ObservedAt = Start.AddSeconds(12 * round + 1),
    };

    public static ApiPrice Quote(int number, string pair = "ETH-USD", string @event = """{"ethereum":{"usd":1680.1},"bitcoin":{"usd":28000}}""", string type = "cg") => new()
    {
        Pair = pair,
        Source = "coingecko",
        EventType = type,
        Price = 1680.100000000000000000m,
        QuotedAt = Start.AddSeconds(number - 3),
        ObservedAt = Start.AddSeconds(number),
        Event = @event,
    };

    public static Accuracy Window(int number, int revision = 0, decimal deviation = 0.155906m, AccuracyStatus status = AccuracyStatus.Ok)
    {
        DateTime end = Start.AddMinutes(number);
        return new Accuracy
        {
            Id = $"eth-usd/window/{new DateTimeOffset(end).ToUnixTimeMilliseconds()}",
            Pair = "ETH-USD",
            Feed = "eth-usd",
            ChainId = 1,
            Trigger = AccuracyTrigger.Window,
            At = end,
            Revision = revision,
            Status = status,
            ContractPrice = status == AccuracyStatus.Retracted ? null : 1683.12m,
            RoundId = status == AccuracyStatus.Retracted ? null : "110680464442257314301",
            AnswerUpdatedAt = status == AccuracyStatus.Retracted ? null : end.AddSeconds(-229),
            AnswerAgeMs = status == AccuracyStatus.Retracted ? null : 229_000,
            Average = status == AccuracyStatus.Retracted ? null : 1680.5m,
            WindowStart = status == AccuracyStatus.Retracted ? null : end.AddMinutes(-1),
            WindowEnd = status == AccuracyStatus.Retracted ? null : end,
            Sources = status == AccuracyStatus.Retracted ? [] : [new("coingecko", new SourcePrice(1680.1m, 6, 61_000))],
            DispersionPct = status == AccuracyStatus.Retracted ? null : 0m,
            DeviationPct = status == AccuracyStatus.Retracted ? null : deviation,
        };
    }

    /// <summary>An answer's record; the round may come again at another time after a reorganisation.</summary>
    public static Accuracy Answer(int round, DateTime at, int revision) =>
        Window(0, revision) with { Id = $"eth-usd/answer/{round}", Trigger = AccuracyTrigger.Answer, At = at, AnswerUpdatedAt = at, AnswerAgeMs = 0 };
}
