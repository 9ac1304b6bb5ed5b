using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// OffsetCommit v2–9 (v8 flexible; v5 drops the retention time, which was never obeyed here, v6 adds leader epochs, v7 static members): stores a group's offsets.
/// Offsets of partitions that do not exist are refused one by one, the others stored.
/// </summary>
internal sealed class OffsetCommitHandler() : ImmediateHandler<OffsetCommitRequest>(8, 2, 9, 8)
{
    /// <summary>As Apache Kafka's offset.metadata.max.bytes.</summary>
    public const int LongestMetadata = 4096;
    private const short GroupNotFoundFrom = 9;

    protected override IMessage Handle(OffsetCommitRequest request, RequestContext context)
    {
        List<(TopicPartition Partition, OffsetRecord Offset)> offsets = [];
        OffsetCommitResponse response = new()
        {
            Topics = [.. request.Topics.Select(topic => new TopicOf<PartitionError>
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => new PartitionError
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = Take(context, topic.Name, partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata, offsets),
                })],
            })],
        };
        // A generation of a group that is not there can only be an old one.
        KafkaError error = request.GenerationIdOrMemberEpoch >= 0 && context.Node.Groups.Find(request.GroupId) is null
            ? context.Version >= GroupNotFoundFrom ? KafkaError.GroupIdNotFound : KafkaError.IllegalGeneration
            : context.Node.Groups.FindOrCreate(request.GroupId).Commit(new Committer(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch), offsets);
        if (error != KafkaError.None)
            foreach (PartitionError partition in response.Topics.SelectMany(topic => topic.Partitions))
                partition.ErrorCode = error;
        return response;
    }

    /// <summary>Notes one offset to be committed, or says why it cannot be.</summary>
    public static KafkaError Take(
        RequestContext context, string topic, int partition, long offset, int leaderEpoch, string? metadata, List<(TopicPartition Partition, OffsetRecord Offset)> into)
    {
        if (context.Node.Topics.Partition(topic, partition) is null)
            return KafkaError.UnknownTopicOrPartition;
        if (metadata?.Length > LongestMetadata)
            return KafkaError.OffsetMetadataTooLarge;
        into.Add((new TopicPartition(topic, partition), new OffsetRecord { Offset = offset, LeaderEpoch = leaderEpoch, Metadata = metadata ?? "" }));
        return KafkaError.None;
    }
}
