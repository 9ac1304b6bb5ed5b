using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>OffsetDelete (key 47), versions 0 to 0, never flexible.</summary>
internal sealed class OffsetDeleteRequest : IMessage
{
    public string GroupId = "";
    public TopicPartitions[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.String(ref GroupId);
        codec.Array(ref Topics);
        codec.Tags();
    }
}

internal sealed class OffsetDeleteResponse : IMessage
{
    public KafkaError ErrorCode;
    public int ThrottleTimeMs;
    public TopicOf<PartitionError>[] Topics = [];

    public void Visit(Codec codec)
    {
        codec.Error(ref ErrorCode);
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Topics);
        codec.Tags();
    }
}
