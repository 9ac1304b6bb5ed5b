using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DescribeConfigs (key 32), versions 1 to 4, flexible from 4.</summary>
internal sealed class DescribeConfigsRequest : IMessage
{
    public Resource[] Resources = [];
    public bool IncludeSynonyms;
    public bool IncludeDocumentation;

    public void Visit(Codec codec)
    {
        codec.Array(ref Resources);
        codec.Bool(ref IncludeSynonyms);
        codec.Bool(ref IncludeDocumentation, from: 3);
        codec.Tags();
    }

    internal sealed class Resource : IMessage
    {
        public sbyte ResourceType;
        public string ResourceName = "";
        public string[]? ConfigurationKeys;

        public void Visit(Codec codec)
        {
            codec.Int8(ref ResourceType);
            codec.String(ref ResourceName);
            codec.NullableStringArray(ref ConfigurationKeys);
            codec.Tags();
        }
    }
}

internal sealed class DescribeConfigsResponse : IMessage
{
    public int ThrottleTimeMs;
    public Result[] Results = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Results);
        codec.Tags();
    }

    internal sealed class Result : IMessage
    {
        public KafkaError ErrorCode;
        public string? ErrorMessage;
        public sbyte ResourceType;
        public string ResourceName = "";
        public ResourceResult[] Configs = [];

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage);
            codec.Int8(ref ResourceType);
            codec.String(ref ResourceName);
            codec.Array(ref Configs);
            codec.Tags();
        }

        internal sealed class ResourceResult : IMessage
        {
            public string Name = "";
            public string? Value;
            public bool ReadOnly;
            public sbyte ConfigSource = -1;
            public bool IsSensitive;
            public Synonym[] Synonyms = [];
            public sbyte ConfigType;
            public string? Documentation;

            public void Visit(Codec codec)
            {
                codec.String(ref Name);
                codec.NullableString(ref Value);
                codec.Bool(ref ReadOnly);
                codec.Int8(ref ConfigSource);
                codec.Bool(ref IsSensitive);
                codec.Array(ref Synonyms);
                codec.Int8(ref ConfigType, from: 3);
                codec.NullableString(ref Documentation, from: 3);
                codec.Tags();
            }

            internal sealed class Synonym : IMessage
            {
                public string Name = "";
                public string? Value;
                public sbyte Source;

                public void Visit(Codec codec)
                {
                    codec.String(ref Name);
                    codec.NullableString(ref Value);
                    codec.Int8(ref Source);
                    codec.Tags();
                }
            }
        }
    }
}
