using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>Metadata (key 3), versions 0 to 13, flexible from 9.</summary>
internal sealed class MetadataRequest : IMessage
{
    public Topic[]? Topics;
    public bool AllowAutoTopicCreation = true;
    public bool IncludeClusterAuthorizedOperations;
    public bool IncludeTopicAuthorizedOperations;

    public void Visit(Codec codec)
    {
        codec.NullableArray(ref Topics);
        codec.Bool(ref AllowAutoTopicCreation, from: 4);
        codec.Bool(ref IncludeClusterAuthorizedOperations, from: 8, to: 10);
        codec.Bool(ref IncludeTopicAuthorizedOperations, from: 8);
        codec.Tags();
    }

    internal sealed class Topic : IMessage
    {
        public Guid TopicId;
        public string? Name;

        public void Visit(Codec codec)
        {
            codec.Uuid(ref TopicId, from: 10);
            codec.NullableString(ref Name);
            codec.Tags();
        }
    }
}

internal sealed class MetadataResponse : IMessage
{
    public int ThrottleTimeMs;
    public Broker[] Brokers = [];
    public string? ClusterId;
    public int ControllerId = -1;
    public Topic[] Topics = [];
    public int ClusterAuthorizedOperations = -2147483648;
    public KafkaError ErrorCode;

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 3);
        codec.Array(ref Brokers);
        codec.NullableString(ref ClusterId, from: 2);
        codec.Int32(ref ControllerId, from: 1);
        codec.Array(ref Topics);
        codec.Int32(ref ClusterAuthorizedOperations, from: 8, to: 10);
        codec.Error(ref ErrorCode, from: 13);
        codec.Tags();
    }

    internal sealed class Broker : IMessage
    {
        public int NodeId;
        public string Host = "";
        public int Port;
        public string? Rack;

        public void Visit(Codec codec)
        {
            codec.Int32(ref NodeId);
            codec.String(ref Host);
            codec.Int32(ref Port);
            codec.NullableString(ref Rack, from: 1);
            codec.Tags();
        }
    }

    internal sealed class Topic : IMessage
    {
        public KafkaError ErrorCode;
        public string? Name;
        public Guid TopicId;
        public bool IsInternal;
        public Partition[] Partitions = [];
        public int TopicAuthorizedOperations = -2147483648;

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.NullableString(ref Name, nullFrom: 12);
            codec.Uuid(ref TopicId, from: 10);
            codec.Bool(ref IsInternal, from: 1);
            codec.Array(ref Partitions);
            codec.Int32(ref TopicAuthorizedOperations, from: 8);
            codec.Tags();
        }

        internal sealed class Partition : IMessage
        {
            public KafkaError ErrorCode;
            public int PartitionIndex;
            public int LeaderId;
            public int LeaderEpoch = -1;
            public int[] ReplicaNodes = [];
            public int[] IsrNodes = [];
            public int[] OfflineReplicas = [];

            public void Visit(Codec codec)
            {
                codec.Error(ref ErrorCode);
                codec.Int32(ref PartitionIndex);
                codec.Int32(ref LeaderId);
                codec.Int32(ref LeaderEpoch, from: 7);
                codec.Int32Array(ref ReplicaNodes);
                codec.Int32Array(ref IsrNodes);
                codec.Int32Array(ref OfflineReplicas, from: 5);
                codec.Tags();
            }
        }
    }
}
