using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DeleteGroups v0–2 (v2 flexible): removes groups without members, offsets and all.</summary>
internal sealed class DeleteGroupsHandler() : ImmediateHandler<DeleteGroupsRequest>(42, 0, 2, 2)
{
    protected override IMessage Handle(DeleteGroupsRequest request, RequestContext context) => new DeleteGroupsResponse
    {
        Results = [.. request.GroupsNames.Select(id => new DeleteGroupsResponse.DeletableGroupResult { GroupId = id, ErrorCode = context.Node.Groups.Delete(id) })],
    };
}
