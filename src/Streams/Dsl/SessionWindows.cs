using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>Sessions: the records of a key that follow each other by at most an inactivity gap. A session goes from its first record's time to its last one's; a
/// record between two sessions makes them one.</summary>
/// <remarks>A record is late, and left out, where the session that it would be in has end + gap + grace &lt; stream time: such a session is closed, and nothing is added to it any more.</remarks>
public sealed class SessionWindows
{
    private SessionWindows(long inactivityGap, long grace)
    {
        InactivityGap = inactivityGap;
        Grace = grace;
    }

    /// <summary>Milliseconds.</summary>
    public long InactivityGap { get; }

    /// <summary>Milliseconds that a session stays open after the gap that ends it.</summary>
    public long Grace { get; }

    /// <summary>Sessions that wait for <paramref name="grace"/> of stream time after the gap.</summary>
    /// <exception cref="StreamsException">The gap is under a millisecond, the grace is negative, or one is no whole number of milliseconds.</exception>
    public static SessionWindows OfInactivityGapAndGrace(TimeSpan inactivityGap, TimeSpan grace) =>
        new(WindowTimes.Milliseconds(inactivityGap, "A session's inactivity gap", 1), WindowTimes.Milliseconds(grace, "A window's grace", 0));

    /// <summary>Sessions that close after the gap.</summary>
    /// <exception cref="StreamsException">The gap is under a millisecond, or no whole number of them.</exception>
    public static SessionWindows OfInactivityGapWithNoGrace(TimeSpan inactivityGap) => OfInactivityGapAndGrace(inactivityGap, TimeSpan.Zero);
}
