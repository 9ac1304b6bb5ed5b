using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>SaslHandshake (key 17), versions 0 to 1, none flexible.</summary>
internal sealed class SaslHandshakeRequest : IMessage
{
    public string Mechanism = "";

    public void Visit(Codec codec) => codec.String(ref Mechanism);
}

internal sealed class SaslHandshakeResponse : IMessage
{
    public KafkaError ErrorCode;
    public string[] Mechanisms = [];

    public void Visit(Codec codec)
    {
        codec.Error(ref ErrorCode);
        codec.StringArray(ref Mechanisms);
    }
}
