using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>OffsetDelete v0: drops a group's offsets of partitions that none of its members is subscribed to.</summary>
internal sealed class OffsetDeleteHandler() : ImmediateHandler<OffsetDeleteRequest>(47, 0, 0, 1)
{
    protected override IMessage Handle(OffsetDeleteRequest request, RequestContext context)
    {
        if (context.Node.Groups.Find(request.GroupId) is not { } group)
            return new OffsetDeleteResponse { ErrorCode = KafkaError.GroupIdNotFound };
        if (group.MayDeleteOffsets() is not KafkaError.None and var error)
            return new OffsetDeleteResponse { ErrorCode = error };
        return new OffsetDeleteResponse
        {
            Topics = [.. request.Topics.Select(topic => new TopicOf<PartitionError>
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(index => new PartitionError
                {
                    PartitionIndex = index,
                    ErrorCode = context.Node.Topics.Partition(topic.Name, index) is null
                        ? KafkaError.UnknownTopicOrPartition
                        : group.DeleteOffset(new TopicPartition(topic.Name, index)),
                })],
            })],
        };
    }
}
