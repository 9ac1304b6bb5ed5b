using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Transactions;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// InitProducerId v0–5 (v2 flexible; v3 lets a producer go on after an error with the id it has, v4 says PRODUCER_FENCED): an identity for an idempotent
/// producer, or, with a transactional id, the next epoch of its identity, which fences whoever had it and aborts what they left open.
/// </summary>
internal sealed class InitProducerIdHandler() : ImmediateHandler<InitProducerIdRequest>(22, 0, 5, 2)
{
    protected override IMessage Handle(InitProducerIdRequest request, RequestContext context)
    {
        try
        {
            return Give(request, context);
        }
        catch (IOException failure)
        {
            // Disk full, most likely: the client asks again.
            Log.WriteFailed(context.Node.Logger, "state.log", failure);
            return new InitProducerIdResponse { ErrorCode = KafkaError.CoordinatorNotAvailable, ProducerId = -1, ProducerEpoch = -1 };
        }
    }

    private static InitProducerIdResponse Give(InitProducerIdRequest request, RequestContext context)
    {
        if (request.ProducerId < 0 != request.ProducerEpoch < 0)
            return new InitProducerIdResponse { ErrorCode = KafkaError.InvalidRequest };
        if (request.TransactionalId is null)
            return new InitProducerIdResponse { ProducerId = context.Node.Transactions.NewProducerId(), ProducerEpoch = 0 };
        ProducerIdentity identity = request.TransactionalId.Length == 0
            ? new ProducerIdentity(KafkaError.InvalidRequest)
            : context.Node.Transactions.Initialize(request.TransactionalId, request.TransactionTimeoutMs, request.ProducerId, request.ProducerEpoch);
        return new InitProducerIdResponse
        {
            ErrorCode = context.Version < 4 ? identity.Error.ForOldProducers() : identity.Error, ProducerId = identity.ProducerId, ProducerEpoch = identity.Epoch,
        };
    }
}
