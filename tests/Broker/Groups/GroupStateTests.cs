using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Transactions;

namespace Assay.Broker.Tests.Groups;

/// <summary>The state machines allow the moves that their pictures show and no other.</summary>
public sealed class GroupStateTests
{
    [Fact]
    public void Group_moves_are_those_of_the_picture()
    {
        (GroupState From, GroupState To)[] legal =
        [
            (GroupState.Empty, GroupState.PreparingRebalance),
            (GroupState.PreparingRebalance, GroupState.CompletingRebalance),
            (GroupState.PreparingRebalance, GroupState.Empty),
            (GroupState.CompletingRebalance, GroupState.Stable),
            (GroupState.CompletingRebalance, GroupState.PreparingRebalance),
            (GroupState.Stable, GroupState.PreparingRebalance),
            (GroupState.Empty, GroupState.Dead),
        ];

        foreach (GroupState from in Enum.GetValues<GroupState>())
            foreach (GroupState to in Enum.GetValues<GroupState>())
                Assert.Equal(legal.Contains((from, to)), to.MayFollow(from));
    }

    [Fact]
    public void Transaction_moves_are_those_of_the_picture()
    {
        (TransactionState From, TransactionState To)[] legal =
        [
            (TransactionState.Empty, TransactionState.Ongoing),
            (TransactionState.Empty, TransactionState.Empty),
            (TransactionState.Ongoing, TransactionState.PrepareCommit),
            (TransactionState.Ongoing, TransactionState.PrepareAbort),
            (TransactionState.PrepareCommit, TransactionState.CompleteCommit),
            (TransactionState.PrepareAbort, TransactionState.CompleteAbort),
            (TransactionState.CompleteCommit, TransactionState.Ongoing),
            (TransactionState.CompleteCommit, TransactionState.Empty),
            (TransactionState.CompleteAbort, TransactionState.Ongoing),
            (TransactionState.CompleteAbort, TransactionState.Empty),
        ];

        foreach (TransactionState from in Enum.GetValues<TransactionState>())
            foreach (TransactionState to in Enum.GetValues<TransactionState>())
                Assert.Equal(legal.Contains((from, to)), to.MayFollow(from));
    }
}
