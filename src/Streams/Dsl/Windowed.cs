namespace Assay.Streams;

/// <summary>A span of time: <paramref name="Start"/> ≤ t &lt; <paramref name="End"/>, ms since the epoch.</summary>
public readonly record struct TimeWindow(long Start, long End);

/// <summary>A key in a window: the key of a windowed aggregate.</summary>
public readonly record struct Windowed<TKey>(TKey Key, TimeWindow Window) : IWindowed;

/// <summary>A key in a window, whatever the key.</summary>
internal interface IWindowed
{
    TimeWindow Window { get; }
}

/// <summary>A table's value and its time, ms since the epoch: of the latest record that went into it. What the stores of tables hold.</summary>
public readonly record struct ValueAndTimestamp<TValue>(TValue Value, long Timestamp);
