using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>OffsetDelete (key 47), versions 0 to 0, never flexible.</summary>
internal sealed class OffsetDeleteRequest : IMessage
{
    public string GroupId = "";
    public Topic[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class Topic : IMessage
    {
        public string Name = "";
        public Partition[] Partitions = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Array(ref Partitions);
            codec.Tags();
        }

        internal sealed class Partition : IMessage
        {
            public int PartitionIndex;

            public void Visit(Codec codec)
            {
                codec.Int32(ref PartitionIndex);
                codec.Tags();
            }
        }
    }
}

internal sealed class OffsetDeleteResponse : IMessage
{
    public KafkaError ErrorCode;
    public int ThrottleTimeMs;
    public Topic[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Error(ref ErrorCode);
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class Topic : IMessage
    {
        public string Name = "";
        public Partition[] Partitions = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Array(ref Partitions);
            codec.Tags();
        }

        internal sealed class Partition : IMessage
        {
            public int PartitionIndex;
            public KafkaError ErrorCode;

            public void Visit(Codec codec)
            {
                codec.Int32(ref PartitionIndex);
                codec.Error(ref ErrorCode);
                codec.Tags();
            }
        }
    }
}
