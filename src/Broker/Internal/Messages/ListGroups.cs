using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>ListGroups (key 16), versions 0 to 5, flexible from 3.</summary>
internal sealed class ListGroupsRequest : IMessage
{
    public string[] StatesFilter = [];
    public string[] TypesFilter = [];

    public void Visit(Codec codec)
    {
        codec.StringArray(ref StatesFilter, from: 4);
        codec.StringArray(ref TypesFilter, from: 5);
        codec.Tags();
    }
}

internal sealed class ListGroupsResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public ListedGroup[] Groups = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Error(ref ErrorCode);
        codec.Array(ref Groups);
        codec.Tags();
    }

    internal sealed class ListedGroup : IMessage
    {
        public string GroupId = "";
        public string ProtocolType = "";
        public string GroupState = "";
        public string GroupType = "";

        public void Visit(Codec codec)
        {
            codec.String(ref GroupId);
            codec.String(ref ProtocolType);
            codec.String(ref GroupState, from: 4);
            codec.String(ref GroupType, from: 5);
            codec.Tags();
        }
    }
}
