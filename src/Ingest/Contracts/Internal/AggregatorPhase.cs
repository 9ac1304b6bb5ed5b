namespace Assay.Ingest.Contracts.Internal;

/// <summary>The stretch of blocks in which a feed's answers came from one aggregator.</summary>
/// <param name="Aggregator">Lower case.</param>
/// <param name="Phase">The proxy's phase; null where there is no proxy.</param>
/// <param name="LastBlock">Inclusive; <see cref="long.MaxValue"/> for the phase that lasts.</param>
internal sealed record AggregatorPhase(string Aggregator, int? Phase, int Decimals, long FirstBlock, long LastBlock)
{
    public bool Holds(string address, long block) => block >= FirstBlock && block <= LastBlock && Aggregator == address;
}
