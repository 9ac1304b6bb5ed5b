namespace Assay.Demo.Market;

/// <summary>When the simulated oracle writes an answer, as a Chainlink feed states it.</summary>
public sealed record OracleOptions
{
    /// <summary>An answer when the price has moved this far from the last one, in percent.</summary>
    public decimal DeviationThreshold { get; init; } = 0.1m;
    /// <summary>An answer at least this often.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(20);
    /// <summary>How often the market is looked at.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(500);
    /// <summary>A submission that has not ended by then has failed.</summary>
    public TimeSpan SubmitTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
