using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>Errors of transactions as older clients know them.</summary>
internal static class TransactionErrors
{
    /// <summary>Before PRODUCER_FENCED there was INVALID_PRODUCER_EPOCH.</summary>
    public static KafkaError ForOldProducers(this KafkaError error) => error == KafkaError.ProducerFenced ? KafkaError.InvalidProducerEpoch : error;
}
