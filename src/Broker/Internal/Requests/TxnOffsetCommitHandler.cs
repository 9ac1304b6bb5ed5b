using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// TxnOffsetCommit v0–4 (v3 flexible; v2 adds leader epochs, v3 the consumer's group metadata, KIP-447, v4 TRANSACTION_ABORTABLE): offsets that are committed if and when the
/// producer's transaction is. The group must have been added to the transaction before.
/// </summary>
internal sealed class TxnOffsetCommitHandler() : ImmediateHandler<TxnOffsetCommitRequest>(28, 0, 4, 3)
{
    private const short AbortableFrom = 4;

    protected override IMessage Handle(TxnOffsetCommitRequest request, RequestContext context)
    {
        List<(TopicPartition Partition, OffsetRecord Offset)> offsets = [];
        TxnOffsetCommitResponse response = new()
        {
            Topics = [.. request.Topics.Select(topic => new TopicOf<PartitionError>
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => new PartitionError
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = OffsetCommitHandler.Take(
                        context, topic.Name, partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata, offsets),
                })],
            })],
        };
        KafkaError error = request.GroupId.Length == 0
            ? KafkaError.InvalidGroupId
            : context.Node.Transactions.CommitOffsets(
                request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId,
                new Committer(request.MemberId, request.GroupInstanceId, request.GenerationId), offsets);
        error = error.ForOldProducers();
        if (error == KafkaError.InvalidTransactionState && context.Version >= AbortableFrom)
            error = KafkaError.TransactionAbortable;
        if (error != KafkaError.None)
            foreach (PartitionError partition in response.Topics.SelectMany(topic => topic.Partitions))
                partition.ErrorCode = error;
        return response;
    }
}
