using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DescribeTransactions (key 65), versions 0 to 0, flexible from 0.</summary>
internal sealed class DescribeTransactionsRequest : IMessage
{
    public string[] TransactionalIds = [];

    public void Visit(Codec codec)
    {
        codec.StringArray(ref TransactionalIds);
        codec.Tags();
    }
}

internal sealed class DescribeTransactionsResponse : IMessage
{
    public int ThrottleTimeMs;
    public State[] TransactionStates = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Array(ref TransactionStates);
        codec.Tags();
    }

    internal sealed class State : IMessage
    {
        public KafkaError ErrorCode;
        public string TransactionalId = "";
        public string TransactionState = "";
        public int TransactionTimeoutMs;
        public long TransactionStartTimeMs;
        public long ProducerId;
        public short ProducerEpoch;
        public TopicPartitions[] Topics = [];

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.String(ref TransactionalId);
            codec.String(ref TransactionState);
            codec.Int32(ref TransactionTimeoutMs);
            codec.Int64(ref TransactionStartTimeMs);
            codec.Int64(ref ProducerId);
            codec.Int16(ref ProducerEpoch);
            codec.Array(ref Topics);
            codec.Tags();
        }
    }
}
