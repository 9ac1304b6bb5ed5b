using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>FindCoordinator (key 10), versions 0 to 4, flexible from 3.</summary>
internal sealed class FindCoordinatorRequest : IMessage
{
    public string Key = "";
    public sbyte KeyType;
    public string[] CoordinatorKeys = [];

    public void Visit(Codec codec)
    {
        codec.String(ref Key, to: 3);
        codec.Int8(ref KeyType, from: 1);
        codec.StringArray(ref CoordinatorKeys, from: 4);
        codec.Tags();
    }
}

internal sealed class FindCoordinatorResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public string? ErrorMessage;
    public int NodeId;
    public string Host = "";
    public int Port;
    public Coordinator[] Coordinators = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs, from: 1);
        codec.Error(ref ErrorCode, to: 3);
        codec.NullableString(ref ErrorMessage, from: 1, to: 3);
        codec.Int32(ref NodeId, to: 3);
        codec.String(ref Host, to: 3);
        codec.Int32(ref Port, to: 3);
        codec.Array(ref Coordinators, from: 4);
        codec.Tags();
    }

    internal sealed class Coordinator : IMessage
    {
        public string Key = "";
        public int NodeId;
        public string Host = "";
        public int Port;
        public KafkaError ErrorCode;
        public string? ErrorMessage;

        public void Visit(Codec codec)
        {
            codec.String(ref Key);
            codec.Int32(ref NodeId);
            codec.String(ref Host);
            codec.Int32(ref Port);
            codec.Error(ref ErrorCode);
            codec.NullableString(ref ErrorMessage);
            codec.Tags();
        }
    }
}
