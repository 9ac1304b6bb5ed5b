using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>EndTxn (key 26), versions 0 to 4, flexible from 3.</summary>
internal sealed class EndTxnRequest : IMessage
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public bool Committed;

    public void Visit(Codec codec)
    {
        codec.String(ref TransactionalId);
        codec.Int64(ref ProducerId);
        codec.Int16(ref ProducerEpoch);
        codec.Bool(ref Committed);
        codec.Tags();
    }
}

internal sealed class EndTxnResponse : IMessage
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
