using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>Heartbeat (key 12), versions 0 to 4, flexible from 4.</summary>
internal sealed class HeartbeatRequest : IMessage
{
    public string GroupId = "";
    public int GenerationId;
    public string MemberId = "";
    public string? GroupInstanceId;

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.Int32(ref GenerationId);
        codec.String(ref MemberId);
        codec.NullableString(ref GroupInstanceId, from: 3);
        codec.Tags();
    }
}

internal sealed class HeartbeatResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Error(ref ErrorCode);
        codec.Tags();
    }
}
