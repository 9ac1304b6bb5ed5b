using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>OffsetCommit (key 8), versions 2 to 9, flexible from 8.</summary>
internal sealed class OffsetCommitRequest : IMessage
{
    public string GroupId = "";
    public int GenerationIdOrMemberEpoch = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public long RetentionTimeMs = -1;
    public TopicOf<Partition>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.Int32(ref GenerationIdOrMemberEpoch);
        codec.String(ref MemberId);
        codec.NullableString(ref GroupInstanceId, from: 7);
        codec.Int64(ref RetentionTimeMs, to: 4);
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
            codec.Int32(ref CommittedLeaderEpoch, from: 6);
            codec.NullableString(ref CommittedMetadata);
            codec.Tags();
        }
    }
}

internal sealed class OffsetCommitResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<PartitionError>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 3);
        codec.Array(ref Topics);
        codec.Tags();
    }
}
