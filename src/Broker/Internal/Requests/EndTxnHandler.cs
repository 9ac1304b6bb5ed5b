using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>EndTxn v0–4 (v3 flexible; v2 says PRODUCER_FENCED): commits or aborts; the answer comes when all markers are written.</summary>
internal sealed class EndTxnHandler() : ImmediateHandler<EndTxnRequest>(26, 0, 4, 3)
{
    protected override IMessage Handle(EndTxnRequest request, RequestContext context)
    {
        KafkaError error = context.Node.Transactions.End(request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.Committed);
        return new EndTxnResponse { ErrorCode = context.Version < 2 ? error.ForOldProducers() : error };
    }
}
