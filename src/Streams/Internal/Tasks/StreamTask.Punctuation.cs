namespace Assay.Streams.Internal.Tasks;

internal sealed partial class StreamTask
{
    private readonly Punctuators _streamTimePunctuators = new();
    private readonly Punctuators _wallClockPunctuators = new();

    /// <summary>When a wall-clock punctuator is due, ms since the epoch.</summary>
    public long NextWallClockPunctuation => _wallClockPunctuators.NextDue;

    public IDisposable Schedule(string node, TimeSpan interval, PunctuationType type, Action<long> punctuator)
    {
        long milliseconds = (long)interval.TotalMilliseconds;
        if (milliseconds < 1)
            throw new StreamsException($"Processor '{node}' schedules a punctuation every {interval}: the shortest interval is one millisecond.");
        if (type == PunctuationType.WallClockTime)
            return _wallClockPunctuators.Add(node, milliseconds, SystemTime + milliseconds, punctuator);
        // Before the first record there is no time yet, so the first one that comes is due; later, as after a restart, the next multiple is.
        long first = StreamTime < 0 ? 0 : (StreamTime / milliseconds + 1) * milliseconds;
        return _streamTimePunctuators.Add(node, milliseconds, first, punctuator);
    }

    public void PunctuateWallClock(long now)
    {
        if (now >= _wallClockPunctuators.NextDue)
            Punctuate(_wallClockPunctuators, now);
    }

    private void Punctuate(Punctuators punctuators, long now)
    {
        _worked = true;
        punctuators.Fire(now, HandleProcessingFailure);
    }
}
