namespace Assay.Ethereum;

/// <summary>What is needed of a block.</summary>
/// <param name="Hash">0x and 64 hex digits.</param>
/// <param name="Timestamp">Unix seconds.</param>
public sealed record BlockHeader(long Number, string Hash, string ParentHash, long Timestamp);
