using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>IncrementalAlterConfigs (key 44), versions 0 to 1, flexible from 1.</summary>
internal sealed class IncrementalAlterConfigsRequest : IMessage
{
    public AlterConfigsResource[] Resources = [];
    public bool ValidateOnly;

    public void Visit(Codec codec)
    {
        codec.Array(ref Resources);
        codec.Bool(ref ValidateOnly);
        codec.Tags();
    }

    internal sealed class AlterConfigsResource : IMessage
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public AlterableConfig[] Configs = [];

        public void Visit(Codec codec)
        {
            codec.Int8(ref ResourceType);
            codec.String(ref ResourceName);
            codec.Array(ref Configs);
            codec.Tags();
        }

        internal sealed class AlterableConfig : IMessage
        {
            public string Name = "";
            public sbyte ConfigOperation;
            public string? Value;

            public void Visit(Codec codec)
            {
                codec.String(ref Name);
                codec.Int8(ref ConfigOperation);
                codec.NullableString(ref Value);
                codec.Tags();
            }
        }
    }
}

internal sealed class IncrementalAlterConfigsResponse : IMessage
{
    public int ThrottleTimeMs;
    public AlterConfigsResourceResponse[] Responses = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Responses);
        codec.Tags();
    }

    internal sealed class AlterConfigsResourceResponse : IMessage
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
