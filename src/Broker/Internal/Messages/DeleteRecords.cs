using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DeleteRecords (key 21), versions 0 to 2, flexible from 2.</summary>
internal sealed class DeleteRecordsRequest : IMessage
{
    public TopicOf<Partition>[] Topics = [];
    public int TimeoutMs;

    public void Visit(Codec codec)
    {
        codec.Array(ref Topics);
        codec.Int32(ref TimeoutMs);
        codec.Tags();
    }

    internal sealed class Partition : IMessage
    {
        public int PartitionIndex;
        public long Offset;

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Int64(ref Offset);
            codec.Tags();
        }
    }
}

internal sealed class DeleteRecordsResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<PartitionResult>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class PartitionResult : IMessage
    {
        public int PartitionIndex;
        public long LowWatermark;
        public KafkaError ErrorCode;

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Int64(ref LowWatermark);
            codec.Error(ref ErrorCode);
            codec.Tags();
        }
    }
}
