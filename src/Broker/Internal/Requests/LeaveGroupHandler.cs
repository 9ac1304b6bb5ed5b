using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>LeaveGroup v0–5 (v4 flexible; v3 takes several members, static ones too, v5 adds reasons).</summary>
internal sealed class LeaveGroupHandler() : ImmediateHandler<LeaveGroupRequest>(13, 0, 5, 4)
{
    protected override IMessage Handle(LeaveGroupRequest request, RequestContext context)
    {
        if (request.GroupId.Length == 0)
            return new LeaveGroupResponse { ErrorCode = KafkaError.InvalidGroupId };
        Groups.Group? group = context.Node.Groups.Find(request.GroupId);
        if (context.Version < 3)
            return new LeaveGroupResponse { ErrorCode = group?.Leave(request.MemberId, null, null) ?? KafkaError.UnknownMemberId };
        return new LeaveGroupResponse
        {
            Members = [.. request.Members.Select(member => new LeaveGroupResponse.MemberResponse
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = group?.Leave(member.MemberId, member.GroupInstanceId, member.Reason) ?? KafkaError.UnknownMemberId,
            })],
        };
    }
}
