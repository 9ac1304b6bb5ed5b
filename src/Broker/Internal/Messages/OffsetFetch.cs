using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>OffsetFetch (key 9), versions 1 to 9, flexible from 6.</summary>
internal sealed class OffsetFetchRequest : IMessage
{
    public string GroupId = "";
    public TopicPartitions[]? Topics;
    public Group[] Groups = [];
    public bool RequireStable;

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId, to: 7);
        codec.NullableArray(ref Topics, to: 7);
        codec.Array(ref Groups, from: 8);
        codec.Bool(ref RequireStable, from: 7);
        codec.Tags();
    }

    internal sealed class Group : IMessage
    {
        public string GroupId = "";
        public string? MemberId;
        public int MemberEpoch = -1;
        public TopicPartitions[]? Topics;

        public void Visit(Codec codec)
        {
            codec.String(ref GroupId);
            codec.NullableString(ref MemberId, from: 9);
            codec.Int32(ref MemberEpoch, from: 9);
            codec.NullableArray(ref Topics);
            codec.Tags();
        }
    }
}

internal sealed class OffsetFetchResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicOf<Partition>[] Topics = [];
    public KafkaError ErrorCode;
    public Group[] Groups = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 3);
        codec.Array(ref Topics, to: 7);
        codec.Error(ref ErrorCode, from: 2, to: 7);
        codec.Array(ref Groups, from: 8);
        codec.Tags();
    }

    internal sealed class Partition : IMessage
    {
        public int PartitionIndex;
        public long CommittedOffset;
        public int CommittedLeaderEpoch = -1;
        public string? Metadata;
        public KafkaError ErrorCode;

        public void Visit(Codec codec)
        {
            codec.Int32(ref PartitionIndex);
            codec.Int64(ref CommittedOffset);
            codec.Int32(ref CommittedLeaderEpoch, from: 5);
            codec.NullableString(ref Metadata);
            codec.Error(ref ErrorCode);
            codec.Tags();
        }
    }

    internal sealed class Group : IMessage
    {
        public string GroupId = "";
        public TopicOf<Partition>[] Topics = [];
        public KafkaError ErrorCode;

        public void Visit(Codec codec)
        {
            codec.String(ref GroupId);
            codec.Array(ref Topics);
            codec.Error(ref ErrorCode);
            codec.Tags();
        }
    }
}
