using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Transactions;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>ListTransactions v0–1 (all flexible; v1 adds a filter by how long they are open, which those pass that are not, as with Apache Kafka): transactional ids and their states.</summary>
internal sealed class ListTransactionsHandler() : ImmediateHandler<ListTransactionsRequest>(66, 0, 1, 0)
{
    protected override IMessage Handle(ListTransactionsRequest request, RequestContext context)
    {
        long now = context.Node.Time.GetUtcNow().ToUnixTimeMilliseconds();
        bool Passes(Transaction transaction) =>
            (request.StateFilters.Length == 0 || request.StateFilters.Contains(transaction.State.ToString()))
            && (request.ProducerIdFilters.Length == 0 || request.ProducerIdFilters.Contains(transaction.ProducerId))
            && (request.DurationFilter < 0 || now - transaction.StartedAt > request.DurationFilter);
        return new ListTransactionsResponse
        {
            UnknownStateFilters = [.. request.StateFilters.Where(filter => !Enum.TryParse<TransactionState>(filter, out _))],
            TransactionStates = [.. context.Node.Transactions.Select(transaction => Passes(transaction)
                    ? new ListTransactionsResponse.State
                    {
                        TransactionalId = transaction.Id, ProducerId = transaction.ProducerId, TransactionState = transaction.State.ToString(),
                    }
                    : null)
                .OfType<ListTransactionsResponse.State>()],
        };
    }
}
