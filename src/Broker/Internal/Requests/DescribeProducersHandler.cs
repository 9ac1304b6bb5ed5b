using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DescribeProducers v0: what partitions remember of their producers; for finding transactions that hang.</summary>
internal sealed class DescribeProducersHandler() : ImmediateHandler<DescribeProducersRequest>(61, 0, 0, 0)
{
    protected override IMessage Handle(DescribeProducersRequest request, RequestContext context) => new DescribeProducersResponse
    {
        Topics = [.. request.Topics.DistinctBy(topic => topic.Name).Select(topic => new TopicOf<DescribeProducersResponse.PartitionResponse>
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Distinct().Select(index =>
            {
                PartitionLog? log = context.Node.Topics.Partition(topic.Name, index);
                return new DescribeProducersResponse.PartitionResponse
                {
                    PartitionIndex = index,
                    ErrorCode = log is not null ? KafkaError.None : TopicCatalog.NameProblem(topic.Name) is null ? KafkaError.UnknownTopicOrPartition : KafkaError.InvalidTopic,
                    ActiveProducers = [.. (log?.Producers() ?? []).Select(producer => new DescribeProducersResponse.PartitionResponse.ProducerState
                    {
                        ProducerId = producer.Id,
                        ProducerEpoch = producer.Epoch,
                        LastSequence = producer.Batches is [.., Appended last] ? last.LastSequence : -1,
                        LastTimestamp = producer.LastTimestamp,
                        CurrentTxnStartOffset = producer.OpenSince,
                    })],
                };
            })],
        })],
    };
}
