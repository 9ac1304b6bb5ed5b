using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Transactions;

/// <summary>
/// Gives out producer ids and leads transactions. One lock guards all states; markers are written outside of it, in a Prepare state, in which every
/// other request for that transactional id is told to come again. Lock order: a partition's lock may be held when this one is taken (to ask whether a
/// batch may open a transaction there), never the other way round; so no batch can slip in behind its transaction's marker.
/// </summary>
internal sealed partial class TransactionCoordinator : IDisposable
{
    /// <summary>As Apache Kafka's transaction.max.timeout.ms.</summary>
    public const int LongestTimeoutMs = 15 * 60 * 1000;
    private const string NextIdKey = "producer-ids";
    private const int IdBlock = 1000;
    private const int CoordinatorEpoch = 0;
    private static readonly TimeSpan FinishAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdleRetention = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Transaction> _transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Transaction> _byProducer = [];
    private readonly StateLog _state;
    private readonly TopicCatalog _topics;
    private readonly GroupCoordinator _groups;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _nextId;
    private long _idsEnd;

    /// <summary>Takes up what was remembered and finishes the transactions whose outcome was decided.</summary>
    public TransactionCoordinator(StateLog state, TopicCatalog topics, GroupCoordinator groups, ILogger logger, TimeProvider time)
    {
        _state = state;
        _topics = topics;
        _groups = groups;
        _logger = logger;
        _time = time;
        _timer = time.CreateTimer(_ => AbortExpired(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _nextId = _idsEnd = state.All<NumberRecord>(NextIdKey).Select(entry => entry.Value.Value).FirstOrDefault();
        foreach ((_, Transaction transaction) in state.All<Transaction>(Transaction.Prefix))
        {
            _transactions[transaction.Id] = transaction;
            _byProducer[transaction.ProducerId] = transaction;
        }
        foreach (Transaction transaction in _transactions.Values.Where(transaction => transaction.State.IsPreparing()).ToArray())
            TryFinish(transaction);
        Schedule();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A producer id for an idempotent producer without transactions.</summary>
    /// <exception cref="IOException">That it is given out cannot be written down.</exception>
    public long NewProducerId()
    {
        lock (_gate)
            return NextProducerId();
    }

    /// <summary>Adds partitions to the transaction, opening it with the first.</summary>
    public KafkaError Add(string id, long producerId, short epoch, IEnumerable<TopicPartition> partitions) =>
        Change(id, producerId, epoch, transaction => transaction.Partitions.UnionWith(partitions));

    /// <summary>Adds a group whose offsets the transaction will commit.</summary>
    public KafkaError AddGroup(string id, long producerId, short epoch, string group) =>
        Change(id, producerId, epoch, transaction => transaction.Groups.Add(group));

    /// <summary>Whether a producer's first transactional batch may go to a partition: only where it was added to its open transaction.</summary>
    public KafkaError MayAppend(long producerId, short epoch, TopicPartition partition)
    {
        lock (_gate)
        {
            if (!_byProducer.TryGetValue(producerId, out Transaction? transaction))
                return KafkaError.InvalidProducerIdMapping;
            if (epoch != transaction.Epoch)
                return KafkaError.InvalidProducerEpoch;
            return transaction.State == TransactionState.Ongoing && transaction.Partitions.Contains(partition) ? KafkaError.None : KafkaError.InvalidTransactionState;
        }
    }

    /// <summary>Takes a group's offsets into the producer's open transaction, to which the group was added before.</summary>
    public KafkaError CommitOffsets(
        string id, long producerId, short epoch, string group, Committer committer, IReadOnlyList<(TopicPartition Partition, OffsetRecord Offset)> offsets)
    {
        // Under the lock, so that the transaction cannot end in between and leave the offsets pending for ever.
        lock (_gate)
        {
            if (Problem(id, producerId, epoch, out Transaction transaction) is { } problem)
                return problem;
            return transaction.State == TransactionState.Ongoing && transaction.Groups.Contains(group)
                ? _groups.FindOrCreate(group).CommitPending(producerId, committer, offsets)
                : KafkaError.InvalidTransactionState;
        }
    }

    /// <summary>Commits or aborts. A repetition of what was done already is fine, as its answer may have been lost.</summary>
    public KafkaError End(string id, long producerId, short epoch, bool commit)
    {
        Transaction transaction;
        lock (_gate)
        {
            if (Problem(id, producerId, epoch, out transaction) is { } problem)
                return problem;
            if (transaction.State != TransactionState.Ongoing)
                return transaction.State == (commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort) ? KafkaError.None : KafkaError.InvalidTransactionState;
            if (!TryPrepare(transaction, commit))
                return KafkaError.CoordinatorNotAvailable;
        }
        return TryFinish(transaction) ? KafkaError.None : KafkaError.CoordinatorNotAvailable;
    }

    /// <summary>All transactional ids as they stand, for the administrative requests.</summary>
    public T[] Select<T>(Func<Transaction, T> look)
    {
        lock (_gate)
            return [.. _transactions.Values.Select(look)];
    }

    /// <summary>Forgets transactional ids that nobody used for a week.</summary>
    public void Expire()
    {
        lock (_gate)
            foreach (Transaction transaction in _transactions.Values
                .Where(each => each.State != TransactionState.Ongoing && !each.State.IsPreparing() && Now - each.ChangedAt > IdleRetention.TotalMilliseconds).ToArray())
            {
                _transactions.Remove(transaction.Id);
                _byProducer.Remove(transaction.ProducerId);
                _state.Write(StateLog.Change(Transaction.Prefix + transaction.Id, null));
            }
    }

    public void Dispose() => _timer.Dispose();

    private long NextProducerId()
    {
        if (_nextId == _idsEnd)
        {
            _state.Write(StateLog.Change(NextIdKey, new NumberRecord { Value = _idsEnd + IdBlock }));
            _idsEnd += IdBlock;
        }
        return _nextId++;
    }

    private KafkaError Change(string id, long producerId, short epoch, Action<Transaction> change)
    {
        lock (_gate)
        {
            if (Problem(id, producerId, epoch, out Transaction transaction) is { } problem)
                return problem;
            if (transaction.State != TransactionState.Ongoing)
            {
                transaction.Move(TransactionState.Ongoing);
                transaction.StartedAt = Now;
            }
            change(transaction);
            bool kept = TryPersist(transaction);
            Schedule();
            return kept ? KafkaError.None : KafkaError.CoordinatorNotAvailable;
        }
    }

    /// <summary>What keeps a producer from acting for a transactional id; null: nothing.</summary>
    private KafkaError? Problem(string id, long producerId, short epoch, out Transaction transaction)
    {
        if (!_transactions.TryGetValue(id, out transaction!) || transaction.ProducerId != producerId)
            return KafkaError.InvalidProducerIdMapping;
        if (transaction.Epoch != epoch)
            return KafkaError.ProducerFenced;
        return transaction.State.IsPreparing() ? KafkaError.ConcurrentTransactions : null;
    }

    private bool TryPrepare(Transaction transaction, bool commit)
    {
        transaction.Move(commit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort);
        return TryPersist(transaction);
    }

    /// <summary>Writes the markers of a decided transaction, settles its groups' offsets, and marks it complete; where the disk fails it is tried again later.</summary>
    private bool TryFinish(Transaction transaction)
    {
        bool commit = transaction.State == TransactionState.PrepareCommit;
        try
        {
            foreach (TopicPartition touched in transaction.Partitions)
                _topics.Partition(touched.Topic, touched.Partition)?.AppendMarker(transaction.ProducerId, transaction.Epoch, commit, CoordinatorEpoch);
            foreach (string group in transaction.Groups)
                _groups.Find(group)?.EndTransaction(transaction.ProducerId, commit);
        }
        catch (IOException failure)
        {
            Log.MaintenanceFailed(_logger, $"Ending the transaction of {transaction.Id}", failure);
            return WaitToFinish(transaction);
        }
        lock (_gate)
        {
            transaction.Move(commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort);
            transaction.Partitions.Clear();
            transaction.Groups.Clear();
            transaction.StartedAt = -1;
            if (!TryPersist(transaction))
                return WaitToFinish(_transactions[transaction.Id]);
            Schedule();
            return true;
        }
    }

    private bool WaitToFinish(Transaction transaction)
    {
        lock (_gate)
        {
            transaction.FinishAgainAt = Now + (long)FinishAgain.TotalMilliseconds;
            Schedule();
            return false;
        }
    }

    /// <summary>Writes a transaction down. Where that fails it is again what it was on the disk: that is what counts.</summary>
    private bool TryPersist(Transaction transaction)
    {
        transaction.ChangedAt = Now;
        if (_state.TryWrite(StateLog.Change(Transaction.Prefix + transaction.Id, transaction)))
            return true;
        _byProducer.Remove(transaction.ProducerId);
        if (_state.Find<Transaction>(Transaction.Prefix + transaction.Id) is not { } kept)
            _transactions.Remove(transaction.Id);
        else
            _byProducer[kept.ProducerId] = _transactions[kept.Id] = kept;
        return false;
    }

    /// <summary>Lets the timer ring when the next open transaction's time is up.</summary>
    private void Schedule()
    {
        long next = long.MaxValue;
        foreach (Transaction transaction in _transactions.Values)
            if (transaction.State == TransactionState.Ongoing)
                next = Math.Min(next, transaction.StartedAt + transaction.TimeoutMs);
            else if (transaction.FinishAgainAt >= 0)
                next = Math.Min(next, transaction.FinishAgainAt);
        _timer.Change(next == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(1, next - Now)), Timeout.InfiniteTimeSpan);
    }

    private void AbortExpired()
    {
        List<Transaction> decided = [];
        lock (_gate)
        {
            foreach (Transaction transaction in _transactions.Values.ToArray())
                if (transaction.State == TransactionState.Ongoing && transaction.StartedAt + transaction.TimeoutMs <= Now)
                {
                    Log.TransactionTimedOut(_logger, transaction.Id, transaction.TimeoutMs);
                    if (TryFence(transaction))
                        decided.Add(transaction);
                }
                else if (transaction.FinishAgainAt >= 0 && transaction.FinishAgainAt <= Now)
                {
                    transaction.FinishAgainAt = -1;
                    decided.Add(transaction);
                }
            Schedule();
        }
        foreach (Transaction transaction in decided)
            TryFinish(transaction);
    }

    /// <summary>Decides an open transaction's abort under a new epoch, so that its producer can do nothing more.</summary>
    /// <param name="by">The epoch of the producer itself, where it asks for that to go on with the new one; −1: nobody who has it yet.</param>
    private bool TryFence(Transaction transaction, short by = -1)
    {
        transaction.PreviousEpoch = by;
        transaction.Epoch++;
        return TryPrepare(transaction, commit: false);
    }
}
