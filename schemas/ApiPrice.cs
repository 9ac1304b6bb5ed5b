namespace Assay.Schemas;

/// <summary>One source's price of one pair at one moment. Times are UTC, whole milliseconds.</summary>
public sealed partial record ApiPrice
{
    public required string Pair { get; init; }
    public required string Source { get; init; }
    public required string EventType { get; init; }
    public required decimal Price { get; init; }
    public DateTime? QuotedAt { get; init; }
    public required DateTime ObservedAt { get; init; }
    public required string Event { get; init; }
}
