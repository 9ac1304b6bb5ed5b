using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>AddOffsetsToTxn v0–4 (v3 flexible; v2 says PRODUCER_FENCED): a group whose offsets the transaction will commit.</summary>
internal sealed class AddOffsetsToTxnHandler() : ImmediateHandler<AddOffsetsToTxnRequest>(25, 0, 4, 3)
{
    protected override IMessage Handle(AddOffsetsToTxnRequest request, RequestContext context)
    {
        KafkaError error = context.Node.Transactions.AddGroup(request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.GroupId);
        return new AddOffsetsToTxnResponse { ErrorCode = context.Version < 2 ? error.ForOldProducers() : error };
    }
}
