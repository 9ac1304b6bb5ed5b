namespace Assay.Topology.Internal;

/// <summary>What the topology reads of an <see cref="Schemas.ApiPrice"/>. Times in milliseconds since the epoch.</summary>
internal readonly record struct Quote(string Pair, string Source, decimal Price, long? QuotedAt, long ObservedAt);

/// <summary>What the topology reads of a <see cref="Schemas.ContractPrice"/>. Times in milliseconds since the epoch.</summary>
internal readonly record struct ContractAnswer(
    string Pair, string Feed, long ChainId, string RoundId, decimal Price, long UpdatedAt, long BlockNumber, string BlockHash, int LogIndex, bool Removed, long ObservedAt);

/// <summary>Why an input was not taken.</summary>
/// <param name="Reason">One of <see cref="Schemas.RejectionReason"/>.</param>
/// <param name="Detail">One plain sentence.</param>
internal sealed record Rejection(string Reason, string Detail);
