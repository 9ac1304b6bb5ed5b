using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>InitProducerId (key 22), versions 0 to 5, flexible from 2.</summary>
internal sealed class InitProducerIdRequest : IMessage
{
    public string? TransactionalId;
    public int TransactionTimeoutMs;
    public long ProducerId = -1;
    public short ProducerEpoch = -1;

    public void Visit(Codec codec)
    {
        codec.NullableString(ref TransactionalId);
        codec.Int32(ref TransactionTimeoutMs);
        codec.Int64(ref ProducerId, from: 3);
        codec.Int16(ref ProducerEpoch, from: 3);
        codec.Tags();
    }
}

internal sealed class InitProducerIdResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public long ProducerId = -1;
    public short ProducerEpoch;

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Error(ref ErrorCode);
        codec.Int64(ref ProducerId);
        codec.Int16(ref ProducerEpoch);
        codec.Tags();
    }
}
