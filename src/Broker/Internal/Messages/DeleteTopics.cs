using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DeleteTopics (key 20), versions 1 to 6, flexible from 4.</summary>
internal sealed class DeleteTopicsRequest : IMessage
{
    public DeleteTopicState[] Topics = [];
    public string[] TopicNames = [];
    public int TimeoutMs;

    public void Visit(Codec codec)
    {
        codec.Array(ref Topics, from: 6);
        codec.StringArray(ref TopicNames, to: 5);
        codec.Int32(ref TimeoutMs);
        codec.Tags();
    }

    internal sealed class DeleteTopicState : IMessage
    {
        public string? Name;
        public Guid TopicId;

        public void Visit(Codec codec)
        {
            codec.NullableString(ref Name);
            codec.Uuid(ref TopicId);
            codec.Tags();
        }
    }
}

internal sealed class DeleteTopicsResponse : IMessage
{
    public int ThrottleTimeMs;
    public DeletableTopicResult[] Responses = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Responses);
        codec.Tags();
    }

    internal sealed class DeletableTopicResult : IMessage
    {
        public string? Name;
        public Guid TopicId;
        public KafkaError ErrorCode;
        public string? ErrorMessage;

        public void Visit(Codec codec)
        {
            codec.NullableString(ref Name, nullFrom: 6);
            codec.Uuid(ref TopicId, from: 6);
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage, from: 5);
            codec.Tags();
        }
    }
}
