using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>Windows of one size that begin at the multiples of an advance since the epoch: tumbling where both are equal, hopping where they overlap.</summary>
/// <remarks>A record is late for a window, and left out of it, once window end + grace ≤ stream time.</remarks>
public sealed class TimeWindows
{
    private TimeWindows(long size, long advance, long grace)
    {
        Size = size;
        Advance = advance;
        Grace = grace;
    }

    /// <summary>Milliseconds.</summary>
    public long Size { get; }

    /// <summary>Milliseconds from one window's start to the next.</summary>
    public long Advance { get; }

    /// <summary>Milliseconds that a window stays open after its end.</summary>
    public long Grace { get; }

    /// <summary>Tumbling windows that wait for <paramref name="grace"/> of stream time after their end.</summary>
    /// <exception cref="StreamsException">The size is under a millisecond, the grace is negative, or one is no whole number of milliseconds.</exception>
    public static TimeWindows OfSizeAndGrace(TimeSpan size, TimeSpan grace)
    {
        long milliseconds = WindowTimes.Milliseconds(size, "A window's size", 1);
        return new TimeWindows(milliseconds, milliseconds, WindowTimes.Milliseconds(grace, "A window's grace", 0));
    }

    /// <summary>Tumbling windows that close at their end.</summary>
    /// <exception cref="StreamsException">The size is under a millisecond, or no whole number of them.</exception>
    public static TimeWindows OfSizeWithNoGrace(TimeSpan size) => OfSizeAndGrace(size, TimeSpan.Zero);

    /// <summary>Hopping windows: a record is in all that hold its time.</summary>
    /// <exception cref="StreamsException">The advance is under a millisecond, longer than the size, or no whole number of milliseconds.</exception>
    public TimeWindows AdvanceBy(TimeSpan advance)
    {
        long milliseconds = WindowTimes.Milliseconds(advance, "A window's advance", 1);
        if (milliseconds > Size)
            throw new StreamsException($"Windows of {Size} ms advance by {advance}: the advance must be at most the size.");
        return new TimeWindows(Size, milliseconds, Grace);
    }

    /// <summary>The start of the first window that holds a time; the others follow by <see cref="Advance"/> up to the time. None begins before the epoch.</summary>
    internal long FirstStart(long timestamp) => Math.Max(0, timestamp - Size + Advance) / Advance * Advance;
}

/// <summary>When a windowed aggregate gives its results.</summary>
public enum EmitStrategy
{
    /// <summary>At every record that changes a window.</summary>
    OnWindowUpdate,
    /// <summary>Once per window, when stream time has reached its end plus the grace.</summary>
    OnWindowClose,
}
