using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>ListGroups v0–5 (v3 flexible; v4 adds states and a filter by them, v5 types and a filter by them: all groups are classic).</summary>
internal sealed class ListGroupsHandler() : ImmediateHandler<ListGroupsRequest>(16, 0, 5, 3)
{
    protected override IMessage Handle(ListGroupsRequest request, RequestContext context) => new ListGroupsResponse
    {
        Groups = [.. context.Node.Groups.All.Select(group => group.List())
            .Where(group => Passes(request.StatesFilter, group.GroupState) && Passes(request.TypesFilter, group.GroupType))],
    };

    private static bool Passes(string[] filter, string value) => filter.Length == 0 || filter.Contains(value, StringComparer.OrdinalIgnoreCase);
}
