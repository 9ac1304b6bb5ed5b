using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>FindCoordinator v0–4 (v3 flexible; v1 adds the key's type, v4 many keys): this node, for every group and every transactional id.</summary>
internal sealed class FindCoordinatorHandler() : ImmediateHandler<FindCoordinatorRequest>(10, 0, 4, 3)
{
    private const sbyte HighestKeyType = 1;

    protected override IMessage Handle(FindCoordinatorRequest request, RequestContext context)
    {
        KafkaError error = request.KeyType is >= 0 and <= HighestKeyType ? KafkaError.None : KafkaError.InvalidRequest;
        bool found = error == KafkaError.None;
        return new FindCoordinatorResponse
        {
            ErrorCode = error,
            NodeId = found ? Node.Id : -1,
            Host = found ? context.Host : "",
            Port = found ? context.Node.Port : -1,
            Coordinators = [.. request.CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator
            {
                Key = key, ErrorCode = error, NodeId = found ? Node.Id : -1, Host = found ? context.Host : "", Port = found ? context.Node.Port : -1,
            })],
        };
    }
}
