namespace Assay.Streams.Internal.Metrics;

/// <summary>One kind of event: its total, and rate, average and maximum of about the last half minute. One thread writes, any reads.</summary>
/// <remarks>As Kafka Streams' sampled metrics: two windows of 30 s, the running one and the one before it. Fed once per batch of
/// records, with the time that the batch was measured with, so that a record costs nothing.</remarks>
internal sealed class Sensor(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);
    private Window _current = new(clock.GetTimestamp());
    private Window? _previous;

    public long Total { get; private set; }

    /// <summary>Events a second.</summary>
    public double Rate => Fold(static window => window.Count) / Seconds();

    /// <summary>Of the values; 0 without any.</summary>
    public double Average => Fold(static window => window.Count) is > 0 and double count ? Fold(static window => window.Sum) / count : 0;

    public double Max => Latest().Max(static window => window.Max);

    /// <summary>0 without any.</summary>
    public double Min => Latest().Where(static window => window.Count > 0).Select(static window => window.Min).DefaultIfEmpty().Min();

    /// <summary>The sum of the values for each second: of values in milliseconds of work, a thousand times the share of the time.</summary>
    public double SumRate => Fold(static window => window.Sum) / Seconds();

    /// <param name="count">How many events.</param>
    /// <param name="sum">Of their values.</param>
    /// <param name="max">Their largest value.</param>
    /// <param name="now">A timestamp of the clock.</param>
    public void Record(long count, double sum, double max, long now)
    {
        Window window = _current;
        if (clock.GetElapsedTime(window.Start, now) >= Length)
        {
            _previous = window;
            _current = window = new Window(now);
        }
        Total += count;
        window.Count += count;
        window.Sum += sum;
        window.Max = Math.Max(window.Max, max);
        window.Min = Math.Min(window.Min, max);
    }

    public void Record(double value, long now) => Record(1, value, value, now);

    private double Fold(Func<Window, double> part) => Latest().Sum(part);

    /// <summary>From the start of the older window, and at least a second.</summary>
    private double Seconds() => Math.Max(1, Latest().Select(window => clock.GetElapsedTime(window.Start).TotalSeconds).DefaultIfEmpty().Max());

    private IEnumerable<Window> Latest()
    {
        Window current = _current;
        Window? previous = _previous;
        TimeSpan age = clock.GetElapsedTime(current.Start);
        if (age < 2 * Length)
            yield return current;
        if (previous is not null && age < Length)
            yield return previous;
    }

    private sealed class Window(long start)
    {
        public long Start => start;
        public double Count;
        public double Sum;
        public double Max;
        public double Min = double.MaxValue;
    }
}
