using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>Windows that hold the records which lie at most a time difference apart: for every record there is the window that ends with it, and the one that begins
/// just after it, where that holds a record. Both ends belong to the window.</summary>
/// <remarks>A record is late for a window, and left out of it, once window end + grace &lt; stream time. Records before the first difference since the epoch share the window that begins there.</remarks>
public sealed class SlidingWindows
{
    private SlidingWindows(long timeDifference, long grace)
    {
        TimeDifference = timeDifference;
        Grace = grace;
    }

    /// <summary>Milliseconds.</summary>
    public long TimeDifference { get; }

    /// <summary>Milliseconds that a window stays open after its end.</summary>
    public long Grace { get; }

    /// <summary>Windows that wait for <paramref name="grace"/> of stream time after their end.</summary>
    /// <exception cref="StreamsException">The difference is under a millisecond, the grace is negative, or one is no whole number of milliseconds.</exception>
    public static SlidingWindows OfTimeDifferenceAndGrace(TimeSpan timeDifference, TimeSpan grace) =>
        new(WindowTimes.Milliseconds(timeDifference, "A sliding window's time difference", 1), WindowTimes.Milliseconds(grace, "A window's grace", 0));

    /// <summary>Windows that close after their end.</summary>
    /// <exception cref="StreamsException">The difference is under a millisecond, or no whole number of them.</exception>
    public static SlidingWindows OfTimeDifferenceWithNoGrace(TimeSpan timeDifference) => OfTimeDifferenceAndGrace(timeDifference, TimeSpan.Zero);
}
