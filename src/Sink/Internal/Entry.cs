using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Sink.Internal;

/// <summary>A record of a topic on its way into the database.</summary>
/// <param name="Row">
/// A <see cref="ContractPrice"/>, <see cref="ApiPrice"/>, <see cref="Accuracy"/>, <see cref="DeadLetter"/> or <see cref="Tables.Resent"/> to store, a <see cref="Rejected"/> to send to the
/// dead letters, or null: nothing is left to do but to pass it.
/// </param>
/// <param name="Key">The key as received, for the case that the database refuses the row.</param>
/// <param name="Value">The bytes as received, for the same case.</param>
internal readonly record struct Entry(TopicPartition Partition, long Offset, object? Row, byte[]? Key, byte[]? Value)
{
    /// <summary>How dead letters name the record.</summary>
    public string Origin => $"{Partition.Topic}-{Partition.Partition.Value}-{Offset}";
}

/// <summary>Why a record can't be stored.</summary>
internal sealed record Rejected(string Reason, string Detail);
