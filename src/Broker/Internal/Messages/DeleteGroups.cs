using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DeleteGroups (key 42), versions 0 to 2, flexible from 2.</summary>
internal sealed class DeleteGroupsRequest : IMessage
{
    public string[] GroupsNames = [];

    public void Visit(Codec codec)
    {
        codec.StringArray(ref GroupsNames);
        codec.Tags();
    }
}

internal sealed class DeleteGroupsResponse : IMessage
{
    public int ThrottleTimeMs;
    public DeletableGroupResult[] Results = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref Results);
        codec.Tags();
    }

    internal sealed class DeletableGroupResult : IMessage
    {
        public string GroupId = "";
        public KafkaError ErrorCode;

        public void Visit(Codec codec)
        {
            codec.String(ref GroupId);
            codec.Error(ref ErrorCode);
            codec.Tags();
        }
    }
}
