using Assay.Topology;

namespace Assay.Cli.Demo;

/// <summary>How a demo runs.</summary>
internal sealed record DemoOptions
{
    /// <summary>Everything the demo keeps: broker, chain, database, log, configuration. Started again on it, the demo goes on where it was.</summary>
    public required string DataFolder { get; init; }
    /// <summary>Ends by itself after this long; null: when asked to.</summary>
    public TimeSpan? For { get; init; }
    /// <summary>Begins with nothing: removes what an earlier demo left in <see cref="DataFolder"/>.</summary>
    public bool Fresh { get; init; }
    /// <summary>How the accuracy topic's records are written: <c>accuracy.format</c>.</summary>
    public AccuracyFormat Format { get; init; }
    /// <summary>Where the addresses are written, as JSON, once the first accuracy record can be read; null: nowhere.</summary>
    public string? EndpointsFile { get; init; }
}
