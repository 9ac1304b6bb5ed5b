using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// AddPartitionsToTxn v0–3 (v3 flexible; v2 says PRODUCER_FENCED): partitions that the producer's transaction will write to. All of them or none: where one
/// does not exist, the others were not attempted.
/// </summary>
internal sealed class AddPartitionsToTxnHandler() : ImmediateHandler<AddPartitionsToTxnRequest>(24, 0, 3, 3)
{
    protected override IMessage Handle(AddPartitionsToTxnRequest request, RequestContext context)
    {
        TopicPartition[] partitions = [.. request.Topics.SelectMany(topic => topic.Partitions.Select(index => new TopicPartition(topic.Name, index)))];
        HashSet<TopicPartition> missing = [.. partitions.Where(partition => context.Node.Topics.Partition(partition.Topic, partition.Partition) is null)];
        KafkaError error = missing.Count > 0
            ? KafkaError.OperationNotAttempted
            : context.Node.Transactions.Add(request.TransactionalId, request.ProducerId, request.ProducerEpoch, partitions);
        if (context.Version < 2)
            error = error.ForOldProducers();
        return new AddPartitionsToTxnResponse
        {
            Results = [.. request.Topics.Select(topic => new TopicOf<PartitionError>
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(index => new PartitionError
                {
                    PartitionIndex = index,
                    ErrorCode = missing.Contains(new TopicPartition(topic.Name, index)) ? KafkaError.UnknownTopicOrPartition : error,
                })],
            })],
        };
    }
}
