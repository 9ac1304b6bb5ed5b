using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DescribeGroups v0–5 (v5 flexible; v3 adds authorised operations, v4 static members). A group that is not there is Dead.</summary>
internal sealed class DescribeGroupsHandler() : ImmediateHandler<DescribeGroupsRequest>(15, 0, 5, 5)
{
    protected override IMessage Handle(DescribeGroupsRequest request, RequestContext context) => new DescribeGroupsResponse
    {
        Groups = [.. request.Groups.Select(id =>
        {
            DescribeGroupsResponse.DescribedGroup group = context.Node.Groups.Find(id)?.Describe()
                ?? new DescribeGroupsResponse.DescribedGroup { GroupId = id, GroupState = nameof(GroupState.Dead) };
            group.AuthorizedOperations = request.IncludeAuthorizedOperations ? AuthorizedOperations.Group : AuthorizedOperations.Unknown;
            return group;
        })],
    };
}
