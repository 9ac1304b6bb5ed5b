namespace Assay.Streams;

/// <summary>Where a key of a store is.</summary>
/// <param name="Partition">The partition of the store, as Java's partitioner chooses it for the key's bytes.</param>
/// <param name="IsLocal">Whether this instance has it now.</param>
public readonly record struct KeyQueryMetadata(int Partition, bool IsLocal);
