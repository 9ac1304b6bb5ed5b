namespace Assay.Topology.Internal.Rules;

/// <summary>Prices as whole numbers of 10^-18, the resolution of decimal(38,18).</summary>
internal static class PriceUnits
{
    /// <summary>decimal(38,18) ends below this.</summary>
    private const decimal Limit = 100_000_000_000_000_000_000m;

    private static readonly UInt128[] PowersOfTen = [.. Enumerable.Range(0, ExactPrice.Scale + 1).Select(exponent => UInt128.Parse("1" + new string('0', exponent)))];

    /// <summary>A positive price that decimal(38,18) holds without rounding.</summary>
    public static bool IsPrice(decimal price) => price > 0 && price < Limit && (price.Scale <= ExactPrice.Scale || Plain(price).Scale <= ExactPrice.Scale);

    /// <summary>The units of a price that <see cref="IsPrice"/> accepts.</summary>
    public static UInt128 Of(decimal price)
    {
        if (price.Scale > ExactPrice.Scale)
            price = Plain(price);
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(price, parts);
        UInt128 mantissa = new((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        return mantissa * PowersOfTen[ExactPrice.Scale - price.Scale];
    }

    /// <summary>The same number without trailing zeros.</summary>
    public static decimal Plain(decimal value) => value / 1.0000000000000000000000000000m; // a quotient carries no more decimals than it needs
}
