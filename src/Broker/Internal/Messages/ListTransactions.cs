using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>ListTransactions (key 66), versions 0 to 1, flexible from 0.</summary>
internal sealed class ListTransactionsRequest : IMessage
{
    public string[] StateFilters = [];
    public long[] ProducerIdFilters = [];
    public long DurationFilter = -1;

    public void Visit(Codec codec)
    {
        codec.StringArray(ref StateFilters);
        codec.Int64Array(ref ProducerIdFilters);
        codec.Int64(ref DurationFilter, from: 1);
        codec.Tags();
    }
}

internal sealed class ListTransactionsResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public string[] UnknownStateFilters = [];
    public State[] TransactionStates = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Error(ref ErrorCode);
        codec.StringArray(ref UnknownStateFilters);
        codec.Array(ref TransactionStates);
        codec.Tags();
    }

    internal sealed class State : IMessage
    {
        public string TransactionalId = "";
        public long ProducerId;
        public string TransactionState = "";

        public void Visit(Codec codec)
        {
            codec.String(ref TransactionalId);
            codec.Int64(ref ProducerId);
            codec.String(ref TransactionState);
            codec.Tags();
        }
    }
}
