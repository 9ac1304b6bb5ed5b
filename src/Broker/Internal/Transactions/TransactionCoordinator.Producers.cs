using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Transactions;

/// <summary>A producer's identity, or why it gets none.</summary>
internal readonly record struct ProducerIdentity(KafkaError Error, long ProducerId = -1, short Epoch = -1);

/// <content>InitProducerId for transactional ids: each call raises the epoch, which fences every producer that had the id before.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>The last epoch is kept for the marker that fences; then the id gets a new producer id.</summary>
    private const short LastEpoch = short.MaxValue - 1;

    /// <exception cref="IOException">As for <see cref="NewProducerId"/>.</exception>
    /// <param name="producerId">What the producer has already (KIP-360, to go on after an error); −1: nothing.</param>
    public ProducerIdentity Initialize(string id, int timeoutMs, long producerId, short epoch)
    {
        if (timeoutMs is <= 0 or > LongestTimeoutMs)
            return new ProducerIdentity(KafkaError.InvalidTransactionTimeout);
        Transaction? toFinish = null;
        lock (_gate)
        {
            if (!_transactions.TryGetValue(id, out Transaction? transaction))
            {
                long first = NextProducerId();
                transaction = new Transaction { Id = id };
                _transactions[id] = transaction;
                return Give(transaction, timeoutMs, first, 0, -1);
            }
            bool repeats = transaction.PreviousEpoch >= 0 && epoch == transaction.PreviousEpoch;
            if (producerId >= 0 && (producerId != transaction.ProducerId || epoch != transaction.Epoch && !repeats))
                return new ProducerIdentity(KafkaError.ProducerFenced);
            if (transaction.State.IsPreparing())
                return new ProducerIdentity(KafkaError.ConcurrentTransactions);
            if (transaction.State != TransactionState.Ongoing)
            {
                // Asked again because the answer was lost, or because there was a transaction to abort first: the epoch that was made for it.
                if (producerId >= 0 && repeats)
                    return Give(transaction, timeoutMs, transaction.ProducerId, transaction.Epoch, epoch);
                short previous = producerId >= 0 ? epoch : (short)-1;
                return transaction.Epoch >= LastEpoch
                    ? Give(transaction, timeoutMs, NextProducerId(), 0, -1)
                    : Give(transaction, timeoutMs, transaction.ProducerId, (short)(transaction.Epoch + 1), previous);
            }
            if (!TryFence(transaction, by: producerId >= 0 ? epoch : (short)-1))
                return new ProducerIdentity(KafkaError.CoordinatorNotAvailable);
            toFinish = transaction;
        }
        // Where the disk fails the client asks again, and later finds the transaction aborted.
        if (!TryFinish(toFinish))
            return new ProducerIdentity(KafkaError.CoordinatorNotAvailable);
        return Initialize(id, timeoutMs, producerId, epoch);
    }

    private ProducerIdentity Give(Transaction transaction, int timeoutMs, long producerId, short epoch, short previousEpoch)
    {
        _byProducer.Remove(transaction.ProducerId);
        transaction.ProducerId = producerId;
        transaction.Epoch = epoch;
        transaction.PreviousEpoch = previousEpoch;
        transaction.TimeoutMs = timeoutMs;
        if (transaction.State != TransactionState.Empty)
            transaction.Move(TransactionState.Empty);
        _byProducer[producerId] = transaction;
        return TryPersist(transaction) ? new ProducerIdentity(KafkaError.None, producerId, epoch) : new ProducerIdentity(KafkaError.CoordinatorNotAvailable);
    }
}
