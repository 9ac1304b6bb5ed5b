namespace Assay.Broker.Internal.Groups;

/// <summary>
/// Where a consumer group stands (classic protocol). Names are those that DescribeGroups and ListGroups show.
/// <code>
/// Empty ──join──► PreparingRebalance ──all joined, or time is up──► CompletingRebalance ──leader's assignment──► Stable
///   ▲                │      ▲                                              │                                       │
///   └──all left──────┘      └──────────a member joins anew, leaves, or falls silent────────────────────────────────┘
/// Empty ──deleted──► Dead
/// </code>
/// </summary>
internal enum GroupState
{
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
}

/// <summary>The legal moves between <see cref="GroupState"/>s; another one is a defect and throws.</summary>
internal static class GroupStates
{
    public static bool MayFollow(this GroupState next, GroupState current) => next switch
    {
        GroupState.PreparingRebalance => current is GroupState.Empty or GroupState.CompletingRebalance or GroupState.Stable,
        GroupState.CompletingRebalance or GroupState.Empty => current is GroupState.PreparingRebalance,
        GroupState.Stable => current is GroupState.CompletingRebalance,
        _ => current is GroupState.Empty,
    };
}
