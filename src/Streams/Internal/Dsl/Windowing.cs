namespace Assay.Streams.Internal.Dsl;

/// <summary>A kind of windows of a fixed size, to those who aggregate in them.</summary>
internal abstract class Windowing
{
    /// <summary>Milliseconds from start to end, as a window's key says them.</summary>
    public abstract long Size { get; }

    /// <summary>Milliseconds from the end that a window's key says to its close.</summary>
    public abstract long CloseDelay { get; }

    /// <summary>Milliseconds that a window must stay in its store.</summary>
    public abstract long ShortestRetention { get; }

    public abstract IProcessor<TKey, TValue, Windowed<TKey>, Change<TAggregate>> Processor<TKey, TValue, TAggregate>(
        string store, EmitStrategy emit, ISerde<TAggregate> serde, Aggregation<TKey, TValue, TAggregate> aggregation) where TKey : notnull;
}

/// <inheritdoc/>
internal sealed class TimeWindowing(TimeWindows windows) : Windowing
{
    public override long Size => windows.Size;

    public override long CloseDelay => windows.Grace;

    public override long ShortestRetention => windows.Size + windows.Grace;

    public override IProcessor<TKey, TValue, Windowed<TKey>, Change<TAggregate>> Processor<TKey, TValue, TAggregate>(
        string store, EmitStrategy emit, ISerde<TAggregate> serde, Aggregation<TKey, TValue, TAggregate> aggregation) =>
        new TimeWindowProcessor<TKey, TValue, TAggregate>(store, windows, emit, aggregation);
}

/// <inheritdoc/>
internal sealed class SlidingWindowing(SlidingWindows windows) : Windowing
{
    public override long Size => windows.TimeDifference;

    public override long CloseDelay => windows.Grace + 1;

    /// <summary>The earliest record that is not late lies a difference before the last close; it needs the left window of the record before it.</summary>
    public override long ShortestRetention => 2 * windows.TimeDifference + windows.Grace + 2;

    public override IProcessor<TKey, TValue, Windowed<TKey>, Change<TAggregate>> Processor<TKey, TValue, TAggregate>(
        string store, EmitStrategy emit, ISerde<TAggregate> serde, Aggregation<TKey, TValue, TAggregate> aggregation) =>
        new SlidingWindowProcessor<TKey, TValue, TAggregate>(store, windows, emit, serde, aggregation);
}
