namespace Assay.Sink.Internal;

internal static class Decimals
{
    // Dividing by a one with the most decimals leaves the value and takes the shortest scale that holds it.
    private const decimal One = 1.0000000000000000000000000000m;

    /// <summary>The same number without trailing zeros: a price from the wire carries 18 decimals, which a person would have to read past in psql.</summary>
    public static decimal Normalise(decimal value) => value / One;
}
