using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>Heartbeat v0–4 (v4 flexible; v3 adds static members): keeps a member's session alive and tells it of a rebalance.</summary>
internal sealed class HeartbeatHandler() : ImmediateHandler<HeartbeatRequest>(12, 0, 4, 4)
{
    protected override IMessage Handle(HeartbeatRequest request, RequestContext context) =>
        new HeartbeatResponse
        {
            ErrorCode = request.GroupId.Length == 0 ? KafkaError.InvalidGroupId : context.Node.Groups.Find(request.GroupId)?.Heartbeat(request) ?? KafkaError.UnknownMemberId,
        };
}
