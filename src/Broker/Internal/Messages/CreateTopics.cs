using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>CreateTopics (key 19), versions 2 to 7, flexible from 5.</summary>
internal sealed class CreateTopicsRequest : IMessage
{
    public CreatableTopic[] Topics = [];
    public int TimeoutMs = 60000;
    public bool ValidateOnly;

    public void Visit(Codec codec)
    {
        codec.Array(ref Topics);
        codec.Int32(ref TimeoutMs);
        codec.Bool(ref ValidateOnly);
        codec.Tags();
    }

    internal sealed class CreatableTopic : IMessage
    {
        public string Name = "";
        public int NumPartitions;
        public short ReplicationFactor;
        public CreatableReplicaAssignment[] Assignments = [];
        public NamedValue[] Configs = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Int32(ref NumPartitions);
            codec.Int16(ref ReplicationFactor);
            codec.Array(ref Assignments);
            codec.Array(ref Configs);
            codec.Tags();
        }

        internal sealed class CreatableReplicaAssignment : IMessage
        {
            public int PartitionIndex;
            public int[] BrokerIds = [];

            public void Visit(Codec codec)
            {
                codec.Int32(ref PartitionIndex);
                codec.Int32Array(ref BrokerIds);
                codec.Tags();
            }
        }
    }
}

internal sealed class CreateTopicsResponse : IMessage
{
    public int ThrottleTimeMs;
    public CreatableTopicResult[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class CreatableTopicResult : IMessage
    {
        public string Name = "";
        public Guid TopicId;
        public KafkaError ErrorCode;
        public string? ErrorMessage;
        public int NumPartitions = -1;
        public short ReplicationFactor = -1;
        public CreatableTopicConfigs[]? Configs;

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Uuid(ref TopicId, from: 7);
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage);
            codec.Int32(ref NumPartitions, from: 5);
            codec.Int16(ref ReplicationFactor, from: 5);
            codec.NullableArray(ref Configs, from: 5);
            codec.Tags();
        }

        internal sealed class CreatableTopicConfigs : IMessage
        {
            public string Name = "";
            public string? Value;
            public bool ReadOnly;
            public sbyte ConfigSource = -1;
            public bool IsSensitive;

            public void Visit(Codec codec)
            {
                codec.String(ref Name);
                codec.NullableString(ref Value);
                codec.Bool(ref ReadOnly);
                codec.Int8(ref ConfigSource);
                codec.Bool(ref IsSensitive);
                codec.Tags();
            }
        }
    }
}
