namespace Assay.Broker.Internal.Transactions;

/// <summary>
/// Where a transactional producer stands. Names are those that DescribeTransactions shows.
/// <code>
/// Empty ──► Ongoing ──commit──► PrepareCommit ──markers written──► CompleteCommit ──► Ongoing or Empty
///              └──abort, time-out, new epoch──► PrepareAbort ──markers written──► CompleteAbort ──► Ongoing or Empty
/// </code>
/// Once a Prepare state is on disk the outcome is decided: a broker that dies there writes the markers when it starts again.
/// </summary>
internal enum TransactionState : sbyte
{
    Empty,
    Ongoing,
    PrepareCommit,
    PrepareAbort,
    CompleteCommit,
    CompleteAbort,
}

/// <summary>The legal moves between <see cref="TransactionState"/>s; another one is a defect and throws.</summary>
internal static class TransactionStates
{
    public static bool MayFollow(this TransactionState next, TransactionState current) => next switch
    {
        TransactionState.Ongoing or TransactionState.Empty => current is TransactionState.Empty or TransactionState.CompleteCommit or TransactionState.CompleteAbort,
        TransactionState.PrepareCommit or TransactionState.PrepareAbort => current is TransactionState.Ongoing,
        TransactionState.CompleteCommit => current is TransactionState.PrepareCommit,
        _ => current is TransactionState.PrepareAbort,
    };

    public static bool IsPreparing(this TransactionState state) => state is TransactionState.PrepareCommit or TransactionState.PrepareAbort;
}
