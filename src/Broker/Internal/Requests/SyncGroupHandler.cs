using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>SyncGroup v0–5 (v4 flexible; v3 adds static members, v5 the protocol): brings the leader's assignment to every member.</summary>
internal sealed class SyncGroupHandler() : RequestHandler<SyncGroupRequest>(14, 0, 5, 4)
{
    private const short ProtocolFrom = 5;

    protected override async ValueTask<IMessage?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        if (request.GroupId.Length == 0)
            return new SyncGroupResponse { ErrorCode = KafkaError.InvalidGroupId };
        if (context.Version >= ProtocolFrom && (request.ProtocolType is null || request.ProtocolName is null))
            return new SyncGroupResponse { ErrorCode = KafkaError.InconsistentGroupProtocol };
        return context.Node.Groups.Find(request.GroupId) is { } group
            ? await group.Sync(request).WaitAsync(context.Stopping)
            : new SyncGroupResponse { ErrorCode = KafkaError.UnknownMemberId };
    }
}
