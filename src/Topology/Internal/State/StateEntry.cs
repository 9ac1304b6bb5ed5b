namespace Assay.Topology.Internal.State;

/// <summary>A piece of state that is stored and logged by itself: a <see cref="Window"/>, a <see cref="Round"/> or the <see cref="StreamClock"/>.</summary>
internal abstract class StateEntry
{
    /// <summary>The store's count of flushes when it was last put: until the next, what changes in it is written anyway.</summary>
    public int PutIn { get; set; } = -1;

    public abstract StateKey Key { get; }
}

/// <summary>Names a piece of state.</summary>
/// <param name="Owner">A window's pair, a round's feed; empty for the clock.</param>
/// <param name="WindowEnd">A window's end.</param>
/// <param name="Round">A round's id; null otherwise.</param>
internal readonly record struct StateKey(string Owner, long WindowEnd, string? Round) : IComparable<StateKey>
{
    public static StateKey Clock { get; } = new("", 0, null);

    public int CompareTo(StateKey other)
    {
        int order = string.CompareOrdinal(Owner, other.Owner);
        if (order == 0)
            order = string.CompareOrdinal(Round, other.Round);
        return order != 0 ? order : WindowEnd.CompareTo(other.WindowEnd);
    }
}

/// <summary>Stream time, and the size of the windows that are stored beside it.</summary>
internal sealed class StreamClock : StateEntry
{
    /// <summary>Milliseconds since the epoch; <see cref="long.MinValue"/> before the first input.</summary>
    public long Time { get; set; } = long.MinValue;
    public long WindowMs { get; init; }

    public override StateKey Key => StateKey.Clock;
}

/// <summary>What was last emitted under one id.</summary>
internal struct Emission
{
    /// <summary>How many records: the next one's revision. 0: none yet.</summary>
    public int Count;

    /// <summary>Of the last one; 0 where it was a retraction.</summary>
    public ulong Digest;
}
