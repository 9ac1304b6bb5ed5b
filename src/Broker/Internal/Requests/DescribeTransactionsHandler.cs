using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DescribeTransactions v0: transactional ids and what their open transactions touch.</summary>
internal sealed class DescribeTransactionsHandler() : ImmediateHandler<DescribeTransactionsRequest>(65, 0, 0, 0)
{
    protected override IMessage Handle(DescribeTransactionsRequest request, RequestContext context)
    {
        Dictionary<string, DescribeTransactionsResponse.State> known = context.Node.Transactions.Select(transaction => new DescribeTransactionsResponse.State
        {
            TransactionalId = transaction.Id,
            TransactionState = transaction.State.ToString(),
            TransactionTimeoutMs = transaction.TimeoutMs,
            TransactionStartTimeMs = transaction.StartedAt,
            ProducerId = transaction.ProducerId,
            ProducerEpoch = transaction.Epoch,
            Topics = [.. transaction.Partitions.GroupBy(partition => partition.Topic).Select(topic => new TopicPartitions
            {
                Name = topic.Key, Partitions = [.. topic.Select(partition => partition.Partition)],
            })],
        }).ToDictionary(state => state.TransactionalId);
        return new DescribeTransactionsResponse
        {
            TransactionStates = [.. request.TransactionalIds.Distinct().Select(id => known.GetValueOrDefault(id)
                ?? new DescribeTransactionsResponse.State { TransactionalId = id, ErrorCode = id.Length == 0 ? KafkaError.InvalidRequest : KafkaError.TransactionalIdNotFound })],
        };
    }
}
