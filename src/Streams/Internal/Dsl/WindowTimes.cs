namespace Assay.Streams.Internal.Dsl;

/// <summary>Times that windows are made of, in whole milliseconds.</summary>
internal static class WindowTimes
{
    /// <param name="time">What was given.</param>
    /// <param name="what">As in "a window's size".</param>
    /// <param name="least">Milliseconds.</param>
    /// <exception cref="StreamsException">It is less, or no whole number of milliseconds.</exception>
    public static long Milliseconds(TimeSpan time, string what, long least)
    {
        if (time.Ticks % TimeSpan.TicksPerMillisecond != 0)
            throw new StreamsException($"{what} is {time}: it must be a whole number of milliseconds.");
        long milliseconds = time.Ticks / TimeSpan.TicksPerMillisecond;
        return milliseconds >= least ? milliseconds
            : throw new StreamsException(least == 0 ? $"{what} is {time}: it must not be negative." : $"{what} is {time}: it must be a millisecond or more.");
    }
}
