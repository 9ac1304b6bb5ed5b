using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>TxnOffsetCommit (key 28), versions 0 to 4, flexible from 3.</summary>
internal sealed class TxnOffsetCommitRequest : IMessage
{
    public string TransactionalId = "";
    public string GroupId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public int GenerationId = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public TopicOf<Partition>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.String(ref TransactionalId);
        codec.String(ref GroupId);
        codec.Int64(ref ProducerId);
        codec.Int16(ref ProducerEpoch);
        codec.Int32(ref GenerationId, from: 3);
        codec.String(ref MemberId, from: 3);
        codec.NullableString(ref GroupInstanceId, from: 3);
        codec.Array(ref Topics);
        codec.Tags();
    }

    internal sealed class Partition : IMessage
    {
        public int PartitionIndex;
        public long CommittedOffset;
        public int CommittedLeaderEpoch = -1;
        public string? CommittedMetadata;

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Int64(ref CommittedOffset);
            codec.Int32(ref CommittedLeaderEpoch, from: 2);
            codec.NullableString(ref CommittedMetadata);
            codec.Tags();
        }
    }
}

internal sealed class TxnOffsetCommitResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<PartitionError>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }
}
