using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>JoinGroup (key 11), versions 0 to 9, flexible from 6.</summary>
internal sealed class JoinGroupRequest : IMessage
{
    public string GroupId = "";
    public int SessionTimeoutMs;
    public int RebalanceTimeoutMs = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string ProtocolType = "";
    public Protocol[] Protocols = [];
    public string? Reason;

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.Int32(ref SessionTimeoutMs);
        codec.Int32(ref RebalanceTimeoutMs, from: 1);
        codec.String(ref MemberId);
        codec.NullableString(ref GroupInstanceId, from: 5);
        codec.String(ref ProtocolType);
        codec.Array(ref Protocols);
        codec.NullableString(ref Reason, from: 8);
        codec.Tags();
    }

    internal sealed class Protocol : IMessage
    {
        public string Name = "";
        public byte[] Metadata = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Bytes(ref Metadata);
            codec.Tags();
        }
    }
}

internal sealed class JoinGroupResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public int GenerationId = -1;
    public string? ProtocolType;
    public string? ProtocolName;
    public string Leader = "";
    public bool SkipAssignment;
    public string MemberId = "";
    public Member[] Members = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 2);
        codec.Error(ref ErrorCode);
        codec.Int32(ref GenerationId);
        codec.NullableString(ref ProtocolType, from: 7);
        codec.NullableString(ref ProtocolName, nullFrom: 7);
        codec.String(ref Leader);
        codec.Bool(ref SkipAssignment, from: 9);
        codec.String(ref MemberId);
        codec.Array(ref Members);
        codec.Tags();
    }

    internal sealed class Member : IMessage
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public byte[] Metadata = [];

        public void Visit(Codec codec)
        {
            codec.String(ref MemberId);
            codec.NullableString(ref GroupInstanceId, from: 5);
            codec.Bytes(ref Metadata);
            codec.Tags();
        }
    }
}
