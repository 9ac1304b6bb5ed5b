using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>CreatePartitions (key 37), versions 0 to 3, flexible from 2.</summary>
internal sealed class CreatePartitionsRequest : IMessage
{
    public Topic[] Topics = [];
    public int TimeoutMs;
    public bool ValidateOnly;

    public void Visit(Codec codec)
    {
        codec.Array(ref Topics);
        codec.Int32(ref TimeoutMs);
        codec.Bool(ref ValidateOnly);
        codec.Tags();
    }

    internal sealed class Topic : IMessage
    {
        public string Name = "";
        public int Count;
        public Assignment[]? Assignments;

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Int32(ref Count);
            codec.NullableArray(ref Assignments);
            codec.Tags();
        }

        internal sealed class Assignment : IMessage
        {
            public int[] BrokerIds = [];

            public void Visit(Codec codec)
            {
                codec.Int32Array(ref BrokerIds);
                codec.Tags();
            }
        }
    }
}

internal sealed class CreatePartitionsResponse : IMessage
{
    public int ThrottleTimeMs;
    public TopicResult[] Results = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Results);
        codec.Tags();
    }

    internal sealed class TopicResult : IMessage
    {
        public string Name = "";
        public KafkaError ErrorCode;
        public string? ErrorMessage;

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage);
            codec.Tags();
        }
    }
}
