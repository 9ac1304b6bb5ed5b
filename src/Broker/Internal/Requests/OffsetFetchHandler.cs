using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// OffsetFetch v1–9 (v6 flexible; v2 adds null for all partitions, v7 asks for stable offsets, v8 several groups, v9 members of KIP-848 groups, ignored):
/// a group's committed offsets; −1 where there is none. A stable offset is one that no open transaction may still change.
/// </summary>
internal sealed class OffsetFetchHandler() : ImmediateHandler<OffsetFetchRequest>(9, 1, 9, 6)
{
    protected override IMessage Handle(OffsetFetchRequest request, RequestContext context)
    {
        if (context.Version < 8)
            return new OffsetFetchResponse { Topics = Fetch(request.GroupId, request.Topics, request.RequireStable, context) };
        return new OffsetFetchResponse
        {
            Groups = [.. request.Groups.DistinctBy(group => group.GroupId).Select(group => new OffsetFetchResponse.Group
            {
                GroupId = group.GroupId, Topics = Fetch(group.GroupId, group.Topics, request.RequireStable, context),
            })],
        };
    }

    private static TopicOf<OffsetFetchResponse.Partition>[] Fetch(string groupId, TopicPartitions[]? topics, bool requireStable, RequestContext context)
    {
        Groups.Group? group = context.Node.Groups.Find(groupId);
        topics ??= group is null
            ? []
            : [.. group.CommittedPartitions().GroupBy(partition => partition.Topic).Select(topic => new TopicPartitions
            {
                Name = topic.Key, Partitions = [.. topic.Select(partition => partition.Partition)],
            })];
        return [.. topics.Select(topic => new TopicOf<OffsetFetchResponse.Partition>
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(index =>
            {
                (KafkaError error, OffsetRecord? offset) = group?.Committed(new TopicPartition(topic.Name, index), requireStable) ?? (KafkaError.None, null);
                return new OffsetFetchResponse.Partition
                {
                    PartitionIndex = index,
                    ErrorCode = error,
                    CommittedOffset = offset?.Offset ?? -1,
                    CommittedLeaderEpoch = offset?.LeaderEpoch ?? -1,
                    Metadata = offset?.Metadata ?? "",
                };
            })],
        })];
    }
}
