using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>AddPartitionsToTxn (key 24), versions 0 to 3, flexible from 3.</summary>
internal sealed class AddPartitionsToTxnRequest : IMessage
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public TopicPartitions[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.String(ref TransactionalId);
        codec.Int64(ref ProducerId);
        codec.Int16(ref ProducerEpoch);
        codec.Array(ref Topics);
        codec.Tags();
    }
}

internal sealed class AddPartitionsToTxnResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<PartitionError>[] Results = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Results);
        codec.Tags();
    }
}
