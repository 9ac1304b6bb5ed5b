namespace Assay.Cli.Replay;

/// <summary>Lets event time pass at a multiple of the clock's pace, counted from the first input, so that no delay adds up.</summary>
/// <param name="factor">Seconds of event time a second; null: as fast as it goes.</param>
internal sealed class Tempo(double? factor, TimeProvider time)
{
    /// <summary>Shorter waits cost more than they are worth; inputs come in such bunches.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private long _first;
    private long? _began;

    /// <summary>How long it is until the turn of an input; zero where it has come.</summary>
    /// <param name="eventTime">Milliseconds since the epoch; the first one's turn is now.</param>
    public TimeSpan UntilTurnOf(long eventTime)
    {
        if (_began is null)
            (_first, _began) = (eventTime, time.GetTimestamp());
        if (factor is not { } faster)
            return TimeSpan.Zero;
        TimeSpan left = TimeSpan.FromMilliseconds((eventTime - _first) / faster) - time.GetElapsedTime(_began.Value);
        return left > Shortest ? left : TimeSpan.Zero;
    }
}
