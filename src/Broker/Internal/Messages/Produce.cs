using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>Produce (key 0), versions 3 to 11, flexible from 9.</summary>
internal sealed class ProduceRequest : IMessage
{
    public string? TransactionalId;
    public short Acks;
    public int TimeoutMs;
    public TopicOf<PartitionProduceData>[] TopicData = [];

    public void Visit(Codec codec)
    {
        codec.NullableString(ref TransactionalId);
        codec.Int16(ref Acks);
        codec.Int32(ref TimeoutMs);
        codec.Array(ref TopicData);
        codec.Tags();
    }

    internal sealed class PartitionProduceData : IMessage
    {
        public int Index;
        public ReadOnlyMemory<byte>? Records;

        public void Visit(Codec codec)
        {
            codec.Int32(ref Index);
            codec.Records(ref Records);
            codec.Tags();
        }
    }
}

internal sealed class ProduceResponse : IMessage
{
    public TopicOf<PartitionProduceResponse>[] Responses = [];
    public int ThrottleTimeMs;

    public void Visit(Codec codec)
    {
        codec.Array(ref Responses);
        codec.Int32(ref ThrottleTimeMs);
        codec.Tags();
    }

    internal sealed class PartitionProduceResponse : IMessage
    {
        public int Index;
        public KafkaError ErrorCode;
        public long BaseOffset;
        public long LogAppendTimeMs = -1;
        public long LogStartOffset = -1;
        public BatchIndexAndErrorMessage[] RecordErrors = [];
        public string? ErrorMessage;

        public void Visit(Codec codec)
        {
            codec.Int32(ref Index);
            codec.Error(ref ErrorCode);
            codec.Int64(ref BaseOffset);
            codec.Int64(ref LogAppendTimeMs);
            codec.Int64(ref LogStartOffset, from: 5);
            codec.Array(ref RecordErrors, from: 8);
            codec.NullableString(ref ErrorMessage, from: 8);
            codec.Tags();
        }

        internal sealed class BatchIndexAndErrorMessage : IMessage
        {
            public int BatchIndex;
            public string? BatchIndexErrorMessage;

            public void Visit(Codec codec)
            {
                codec.Int32(ref BatchIndex);
                codec.NullableString(ref BatchIndexErrorMessage);
                codec.Tags();
            }
        }
    }
}
