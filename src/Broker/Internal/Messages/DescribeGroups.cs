using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DescribeGroups (key 15), versions 0 to 5, flexible from 5.</summary>
internal sealed class DescribeGroupsRequest : IMessage
{
    public string[] Groups = [];
    public bool IncludeAuthorizedOperations;

    public void Visit(Codec codec)
    {
        codec.StringArray(ref Groups);
        codec.Bool(ref IncludeAuthorizedOperations, from: 3);
        codec.Tags();
    }
}

internal sealed class DescribeGroupsResponse : IMessage
{
    public int ThrottleTimeMs;
    public DescribedGroup[] Groups = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Array(ref Groups);
        codec.Tags();
    }

    internal sealed class DescribedGroup : IMessage
    {
        public KafkaError ErrorCode;
        public string GroupId = "";
        public string GroupState = "";
        public string ProtocolType = "";
        public string ProtocolData = "";
        public DescribedGroupMember[] Members = [];
        public int AuthorizedOperations = -2147483648;

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.String(ref GroupId);
            codec.String(ref GroupState);
            codec.String(ref ProtocolType);
            codec.String(ref ProtocolData);
            codec.Array(ref Members);
            codec.Int32(ref AuthorizedOperations, from: 3);
            codec.Tags();
        }

        internal sealed class DescribedGroupMember : IMessage
        {
            public string MemberId = "";
            public string? GroupInstanceId;
            public string ClientId = "";
            public string ClientHost = "";
            public byte[] MemberMetadata = [];
            public byte[] MemberAssignment = [];

            public void Visit(Codec codec)
            {
                codec.String(ref MemberId);
                codec.NullableString(ref GroupInstanceId, from: 4);
                codec.String(ref ClientId);
                codec.String(ref ClientHost);
                codec.Bytes(ref MemberMetadata);
                codec.Bytes(ref MemberAssignment);
                codec.Tags();
            }
        }
    }
}
