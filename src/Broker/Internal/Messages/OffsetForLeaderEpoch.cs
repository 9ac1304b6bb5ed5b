using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>OffsetForLeaderEpoch (key 23), versions 2 to 4, flexible from 4.</summary>
internal sealed class OffsetForLeaderEpochRequest : IMessage
{
    public int ReplicaId = -2;
    public TopicOf<OffsetForLeaderPartition>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ReplicaId, from: 3);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class OffsetForLeaderPartition : IMessage
    {
        public int Partition;
        public int CurrentLeaderEpoch = -1;
        public int LeaderEpoch;

        public void Visit(Codec codec)
        {
            codec.Int32(ref Partition);
            codec.Int32(ref CurrentLeaderEpoch);
            codec.Int32(ref LeaderEpoch);
            codec.Tags();
        }
    }
}

internal sealed class OffsetForLeaderEpochResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<EpochEndOffset>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class EpochEndOffset : IMessage
    {
        public KafkaError ErrorCode;
        public int Partition;
        public int LeaderEpoch = -1;
        public long EndOffset = -1;

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.Int32(ref Partition);
            codec.Int32(ref LeaderEpoch);
            codec.Int64(ref EndOffset);
            codec.Tags();
        }
    }
}
