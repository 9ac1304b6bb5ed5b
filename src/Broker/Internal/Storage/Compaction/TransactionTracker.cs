namespace Assay.Broker.Internal.Storage.Compaction;

/// <summary>
/// Follows the transactions of a log while a pass of compaction walks it from its start: which data belongs to an aborted one, and whose marker has nothing left
/// before it that it ends.
/// </summary>
/// <param name="aborted">The aborted transactions of the whole log; those whose marker stands behind the walked part too.</param>
internal sealed class TransactionTracker(IEnumerable<AbortedTransaction> aborted)
{
    private readonly Queue<AbortedTransaction> _ahead = new(aborted.OrderBy(transaction => transaction.FirstOffset));
    private readonly HashSet<long> _aborting = [];
    private readonly HashSet<long> _withData = [];

    /// <summary>Whether a data batch is of an aborted transaction.</summary>
    public bool IsAborted(in BatchHeader batch)
    {
        GoTo(batch.LastOffset);
        if (!batch.Transactional)
            return false;
        _withData.Add(batch.ProducerId);
        return _aborting.Contains(batch.ProducerId);
    }

    /// <summary>Takes note of a marker; whether no batch of its transaction is left.</summary>
    public bool EndsNothing(in BatchHeader marker)
    {
        GoTo(marker.LastOffset);
        _aborting.Remove(marker.ProducerId);
        return !_withData.Remove(marker.ProducerId);
    }

    private void GoTo(long offset)
    {
        while (_ahead.TryPeek(out AbortedTransaction? next) && next.FirstOffset <= offset)
            _aborting.Add(_ahead.Dequeue().ProducerId);
    }
}
