using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>SyncGroup (key 14), versions 0 to 5, flexible from 4.</summary>
internal sealed class SyncGroupRequest : IMessage
{
    public string GroupId = "";
    public int GenerationId;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string? ProtocolType;
    public string? ProtocolName;
    public MemberAssignment[] Assignments = [];

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.Int32(ref GenerationId);
        codec.String(ref MemberId);
        codec.NullableString(ref GroupInstanceId, from: 3);
        codec.NullableString(ref ProtocolType, from: 5);
        codec.NullableString(ref ProtocolName, from: 5);
        codec.Array(ref Assignments);
        codec.Tags();
    }

    internal sealed class MemberAssignment : IMessage
    {
        public string MemberId = "";
        public byte[] Assignment = [];

        public void Visit(Codec codec)
        {
            codec.String(ref MemberId);
            codec.Bytes(ref Assignment);
            codec.Tags();
        }
    }
}

internal sealed class SyncGroupResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public string? ProtocolType;
    public string? ProtocolName;
    public byte[] Assignment = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Error(ref ErrorCode);
        codec.NullableString(ref ProtocolType, from: 5);
        codec.NullableString(ref ProtocolName, from: 5);
        codec.Bytes(ref Assignment);
        codec.Tags();
    }
}
