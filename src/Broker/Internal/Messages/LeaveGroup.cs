using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>LeaveGroup (key 13), versions 0 to 5, flexible from 4.</summary>
internal sealed class LeaveGroupRequest : IMessage
{
    public string GroupId = "";
    public string MemberId = "";
    public MemberIdentity[] Members = [];

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.String(ref MemberId, to: 2);
        codec.Array(ref Members, from: 3);
        codec.Tags();
    }

    internal sealed class MemberIdentity : IMessage
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public string? Reason;

        public void Visit(Codec codec)
        {
            codec.String(ref MemberId);
            codec.NullableString(ref GroupInstanceId);
            codec.NullableString(ref Reason, from: 5);
            codec.Tags();
        }
    }
}

internal sealed class LeaveGroupResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public MemberResponse[] Members = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Error(ref ErrorCode);
        codec.Array(ref Members, from: 3);
        codec.Tags();
    }

    internal sealed class MemberResponse : IMessage
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public KafkaError ErrorCode;

        public void Visit(Codec codec)
        {
            codec.String(ref MemberId);
            codec.NullableString(ref GroupInstanceId);
            codec.Error(ref ErrorCode);
            codec.Tags();
        }
    }
}
