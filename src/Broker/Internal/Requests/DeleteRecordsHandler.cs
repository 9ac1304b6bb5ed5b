using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DeleteRecords v0–2 (v2 flexible): makes records before an offset unreadable; −1 means all there are. Refused where nothing but compaction may delete.</summary>
internal sealed class DeleteRecordsHandler() : ImmediateHandler<DeleteRecordsRequest>(21, 0, 2, 2)
{
    private const long UpToEnd = -1;

    protected override IMessage Handle(DeleteRecordsRequest request, RequestContext context) => new DeleteRecordsResponse
    {
        Topics = [.. request.Topics.Select(topic => new TopicOf<DeleteRecordsResponse.PartitionResult>
        {
            Name = topic.Name, Partitions = [.. topic.Partitions.Select(partition => Delete(context.Node.Topics, topic.Name, partition))],
        })],
    };

    private static DeleteRecordsResponse.PartitionResult Delete(TopicCatalog topics, string name, DeleteRecordsRequest.Partition wanted)
    {
        DeleteRecordsResponse.PartitionResult answer = new() { PartitionIndex = wanted.PartitionIndex, LowWatermark = -1 };
        if (topics.Find(name) is not { } topic || topic.Partition(wanted.PartitionIndex) is not { } log)
            answer.ErrorCode = KafkaError.UnknownTopicOrPartition;
        else if (!topic.Config.Deletes)
            answer.ErrorCode = KafkaError.PolicyViolation;
        else
        {
            long before = wanted.Offset == UpToEnd ? log.EndOffset : wanted.Offset;
            if (before < 0 || before > log.EndOffset)
                answer.ErrorCode = KafkaError.OffsetOutOfRange;
            else
            {
                if (before > log.StartOffset)
                    topics.DeleteRecords(topic, wanted.PartitionIndex, before);
                answer.LowWatermark = log.StartOffset;
            }
        }
        return answer;
    }
}
