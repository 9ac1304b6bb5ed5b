using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DescribeCluster v0–2 (all flexible; v1 adds the endpoint's type, v2 fenced brokers): this node alone.</summary>
internal sealed class DescribeClusterHandler() : ImmediateHandler<DescribeClusterRequest>(60, 0, 2, 0)
{
    private const sbyte Brokers = 1;
    private const sbyte Controllers = 2;

    protected override IMessage Handle(DescribeClusterRequest request, RequestContext context) => request.EndpointType != Brokers
        ? new DescribeClusterResponse
        {
            ErrorCode = request.EndpointType == Controllers ? KafkaError.MismatchedEndpointType : KafkaError.UnsupportedEndpointType,
            ErrorMessage = "This endpoint is a broker's.",
            EndpointType = Brokers,
        }
        : new DescribeClusterResponse
        {
            ClusterId = context.Node.ClusterId,
            ControllerId = Node.Id,
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Cluster : AuthorizedOperations.Unknown,
            Brokers = [new DescribeClusterResponse.Broker { BrokerId = Node.Id, Host = context.Host, Port = context.Node.Port }],
        };
}
