namespace Assay.Schemas;

/// <summary>One AnswerUpdated log of a price feed's aggregator. Times are UTC, whole milliseconds.</summary>
public sealed partial record ContractPrice
{
    public required string Pair { get; init; }
    public required string Feed { get; init; }
    public required long ChainId { get; init; }
    public string? Proxy { get; init; }
    public required string Aggregator { get; init; }
    public required string RoundId { get; init; }
    public required string Answer { get; init; }
    public required int Decimals { get; init; }
    public required decimal Price { get; init; }
    public required DateTime UpdatedAt { get; init; }
    public required long BlockNumber { get; init; }
    public required string BlockHash { get; init; }
    public required string TransactionHash { get; init; }
    public required int TransactionIndex { get; init; }
    public required int LogIndex { get; init; }
    public bool Removed { get; init; }
    public required DateTime ObservedAt { get; init; }
}
