namespace Assay.Schemas;

/// <summary>How Assay's topics are created where they do not exist yet.</summary>
/// <param name="Partitions">Of each topic; <c>contracts</c> and <c>apis</c> must agree.</param>
/// <param name="ReplicationFactor">At most the number of brokers.</param>
/// <param name="Retention">Null: for ever. Records carry event times, so a retention by time deletes replayed history at once.</param>
public sealed record TopicLayout(int Partitions = 3, short ReplicationFactor = 1, TimeSpan? Retention = null);
