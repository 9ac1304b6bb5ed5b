namespace Assay.Demo.Market;

/// <summary>How the simulated prices move.</summary>
/// <remarks>The defaults are a nervous day: with windows of five seconds a minute shows several answers per feed, most of them right and now and then one that is off.</remarks>
public sealed record MarketOptions
{
    /// <summary>Another seed is another market.</summary>
    public ulong Seed { get; init; } = 1;
    /// <summary>Standard deviation of a price's move within one second, in percent; within n seconds √n times that.</summary>
    public double VolatilityPct { get; init; } = 0.03;
    /// <summary>Each coin jumps once in every span of this length, at an unforeseeable moment.</summary>
    public TimeSpan JumpEvery { get; init; } = TimeSpan.FromSeconds(45);
    /// <summary>Standard deviation of a jump's height, in percent; a jump fades with a half-life of five minutes.</summary>
    public double JumpPct { get; init; } = 0.5;
}
