using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>AlterConfigs (key 33), versions 0 to 2, flexible from 2.</summary>
internal sealed class AlterConfigsRequest : IMessage
{
    public Resource[] Resources = [];
    public bool ValidateOnly;

    public void Visit(Codec codec)
    {
        codec.Array(ref Resources);
        codec.Bool(ref ValidateOnly);
        codec.Tags();
    }

    internal sealed class Resource : IMessage
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public NamedValue[] Configs = [];

        public void Visit(Codec codec)
        {
            codec.Int8(ref ResourceType);
            codec.String(ref ResourceName);
            codec.Array(ref Configs);
            codec.Tags();
        }
    }
}

internal sealed class AlterConfigsResponse : IMessage
{
    public int ThrottleTimeMs;
    public ResourceResponse[] Responses = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Responses);
        codec.Tags();
    }

    internal sealed class ResourceResponse : IMessage
    {
        public KafkaError ErrorCode;
        public string? ErrorMessage;
        public sbyte ResourceType;
        public string ResourceName = "";

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage);
            codec.Int8(ref ResourceType);
            codec.String(ref ResourceName);
            codec.Tags();
        }
    }
}
