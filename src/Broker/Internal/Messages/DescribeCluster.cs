using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DescribeCluster (key 60), versions 0 to 2, flexible from 0.</summary>
internal sealed class DescribeClusterRequest : IMessage
{
    public bool IncludeClusterAuthorizedOperations;
    public sbyte EndpointType = 1;
    public bool IncludeFencedBrokers;

    public void Visit(Codec codec)
    {
        codec.Bool(ref IncludeClusterAuthorizedOperations);
        codec.Int8(ref EndpointType, from: 1);
        codec.Bool(ref IncludeFencedBrokers, from: 2);
        codec.Tags();
    }
}

internal sealed class DescribeClusterResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public string? ErrorMessage;
    public sbyte EndpointType = 1;
    public string ClusterId = "";
    public int ControllerId = -1;
    public Broker[] Brokers = [];
    public int ClusterAuthorizedOperations = -2147483648;

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Error(ref ErrorCode);
        codec.NullableString(ref ErrorMessage);
        codec.Int8(ref EndpointType, from: 1);
        codec.String(ref ClusterId);
        codec.Int32(ref ControllerId);
        codec.Array(ref Brokers);
        codec.Int32(ref ClusterAuthorizedOperations);
        codec.Tags();
    }

    internal sealed class Broker : IMessage
    {
        public int BrokerId;
        public string Host = "";
        public int Port;
        public string? Rack;
        public bool IsFenced;

        public void Visit(Codec codec)
        {
            codec.Int32(ref BrokerId);
            codec.String(ref Host);
            codec.Int32(ref Port);
            codec.NullableString(ref Rack);
            codec.Bool(ref IsFenced, from: 2);
            codec.Tags();
        }
    }
}
