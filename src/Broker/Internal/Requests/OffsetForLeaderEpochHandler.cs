using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// OffsetForLeaderEpoch v2–4 (v4 flexible; v3 adds the replica id): where an epoch ended. The only epoch there is lasts until the log's end; a client asks
/// to find out whether its log was truncated, which never happens to acknowledged records here.
/// </summary>
internal sealed class OffsetForLeaderEpochHandler() : ImmediateHandler<OffsetForLeaderEpochRequest>(23, 2, 4, 4)
{
    protected override IMessage Handle(OffsetForLeaderEpochRequest request, RequestContext context) => new OffsetForLeaderEpochResponse
    {
        Topics = [.. request.Topics.Select(topic => new TopicOf<OffsetForLeaderEpochResponse.EpochEndOffset>
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition =>
            {
                PartitionLog? log = context.Node.Topics.Partition(topic.Name, partition.Partition);
                KafkaError error = log is null ? KafkaError.UnknownTopicOrPartition : LeaderEpochs.Problem(partition.CurrentLeaderEpoch);
                bool known = error == KafkaError.None && partition.LeaderEpoch == Node.LeaderEpoch;
                return new OffsetForLeaderEpochResponse.EpochEndOffset
                {
                    Partition = partition.Partition,
                    ErrorCode = error,
                    LeaderEpoch = known ? Node.LeaderEpoch : -1,
                    EndOffset = known ? log!.EndOffset : -1,
                };
            })],
        })],
    };
}
