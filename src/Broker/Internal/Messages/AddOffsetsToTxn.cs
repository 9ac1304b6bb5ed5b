using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>AddOffsetsToTxn (key 25), versions 0 to 4, flexible from 3.</summary>
internal sealed class AddOffsetsToTxnRequest : IMessage
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public string GroupId = "";

    public void Visit(Codec codec)
    {
        codec.String(ref TransactionalId);
        codec.Int64(ref ProducerId);
        codec.Int16(ref ProducerEpoch);
        codec.String(ref GroupId);
        codec.Tags();
    }
}

internal sealed class AddOffsetsToTxnResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Error(ref ErrorCode);
        codec.Tags();
    }
}
