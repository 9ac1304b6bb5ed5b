using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>ListOffsets (key 2), versions 1 to 9, flexible from 6.</summary>
internal sealed class ListOffsetsRequest : IMessage
{
    public int ReplicaId;
    public sbyte IsolationLevel;
    public TopicOf<Partition>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ReplicaId);
        codec.Int8(ref IsolationLevel, from: 2);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class Partition : IMessage
    {
        public int PartitionIndex;
        public int CurrentLeaderEpoch = -1;
        public long Timestamp;

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Int32(ref CurrentLeaderEpoch, from: 4);
            codec.Int64(ref Timestamp);
            codec.Tags();
        }
    }
}

internal sealed class ListOffsetsResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<PartitionResponse>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 2);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class PartitionResponse : IMessage
    {
        public int PartitionIndex;
        public KafkaError ErrorCode;
        public long Timestamp = -1;
        public long Offset = -1;
        public int LeaderEpoch = -1;

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Error(ref ErrorCode);
            codec.Int64(ref Timestamp);
            codec.Int64(ref Offset);
            codec.Int32(ref LeaderEpoch, from: 4);
            codec.Tags();
        }
    }
}
