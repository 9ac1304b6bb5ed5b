using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DescribeProducers (key 61), versions 0 to 0, flexible from 0.</summary>
internal sealed class DescribeProducersRequest : IMessage
{
    public TopicPartitions[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Array(ref Topics);
        codec.Tags();
    }
}

internal sealed class DescribeProducersResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<PartitionResponse>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class PartitionResponse : IMessage
    {
        public int PartitionIndex;
        public KafkaError ErrorCode;
        public string? ErrorMessage;
        public ProducerState[] ActiveProducers = [];

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage);
            codec.Array(ref ActiveProducers);
            codec.Tags();
        }

        internal sealed class ProducerState : IMessage
        {
            public long ProducerId;
            public int ProducerEpoch;
            public int LastSequence = -1;
            public long LastTimestamp = -1;
            public int CoordinatorEpoch;
            public long CurrentTxnStartOffset = -1;

            public void Visit(Codec codec)
            {
                codec.Int64(ref ProducerId);
                codec.Int32(ref ProducerEpoch);
                codec.Int32(ref LastSequence);
                codec.Int64(ref LastTimestamp);
                codec.Int32(ref CoordinatorEpoch);
                codec.Int64(ref CurrentTxnStartOffset);
                codec.Tags();
            }
        }
    }
}
