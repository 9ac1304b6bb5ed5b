using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>SaslAuthenticate (key 36), versions 0 to 2, flexible from 2.</summary>
internal sealed class SaslAuthenticateRequest : IMessage
{
    public byte[] AuthBytes = [];

    public void Visit(Codec codec)
    {
        codec.Bytes(ref AuthBytes);
        codec.Tags();
    }
}

internal sealed class SaslAuthenticateResponse : IMessage
{
    public KafkaError ErrorCode;
    public string? ErrorMessage;
    public byte[] AuthBytes = [];
    public long SessionLifetimeMs;

    public void Visit(Codec codec)
    {
        codec.Error(ref ErrorCode);
        codec.NullableString(ref ErrorMessage);
        codec.Bytes(ref AuthBytes);
        codec.Int64(ref SessionLifetimeMs, from: 1);
        codec.Tags();
    }
}
