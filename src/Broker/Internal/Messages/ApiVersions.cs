using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>ApiVersions (key 18), versions 0 to 4, flexible from 3.</summary>
internal sealed class ApiVersionsRequest : IMessage
{
    public string ClientSoftwareName = "";
    public string ClientSoftwareVersion = "";

    public void Visit(Codec codec)
    {
        codec.String(ref ClientSoftwareName, from: 3);
        codec.String(ref ClientSoftwareVersion, from: 3);
        codec.Tags();
    }
}

internal sealed class ApiVersionsResponse : IMessage
{
    public KafkaError ErrorCode;
    public ApiVersion[] ApiKeys = [];
    public int ThrottleTimeMs;

    public void Visit(Codec codec)
    {
        codec.Error(ref ErrorCode);
        codec.Array(ref ApiKeys);
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Tags();
    }

    internal sealed class ApiVersion : IMessage
    {
        public short ApiKey;
        public short MinVersion;
        public short MaxVersion;

        public void Visit(Codec codec)
        {
            codec.Int16(ref ApiKey);
            codec.Int16(ref MinVersion);
            codec.Int16(ref MaxVersion);
            codec.Tags();
        }
    }
}
