using System.Numerics;

namespace Assay.Topology.Internal.Rules;

/// <summary>
/// A price, or a difference of prices, as an exact fraction: <c>Units / Divisor × 10^-18</c>. Means of means are kept so until they are printed, so that no
/// figure depends on the order of additions or on intermediate rounding.
/// </summary>
/// <param name="Divisor">Positive.</param>
internal readonly record struct ExactPrice(BigInteger Units, BigInteger Divisor) : IComparable<ExactPrice>
{
    /// <summary>Decimals of a price on the wire: decimal(38,18).</summary>
    public const int Scale = 18;

    /// <summary>A decimal holds so many digits whatever they are.</summary>
    private const int SignificantDigits = 28;
    private const int PercentScale = 6;

    private static readonly BigInteger PercentUnit = 100 * BigInteger.Pow(10, PercentScale);
    private static readonly BigInteger LargestMantissa = (BigInteger)decimal.MaxValue;
    private static readonly BigInteger[] PowersOfTen = [.. Enumerable.Range(0, 40).Select(exponent => BigInteger.Pow(10, exponent))];

    public static ExactPrice operator +(ExactPrice a, ExactPrice b) => a.Divisor == b.Divisor
        ? new(a.Units + b.Units, a.Divisor)
        : new(a.Units * b.Divisor + b.Units * a.Divisor, a.Divisor * b.Divisor);

    public static ExactPrice operator -(ExactPrice a, ExactPrice b) => a + b with { Units = -b.Units };

    public static ExactPrice operator /(ExactPrice a, int divisor) => a with { Divisor = a.Divisor * divisor };

    public int CompareTo(ExactPrice other) => (Units * other.Divisor).CompareTo(other.Units * Divisor);

    /// <summary>100 × this / <paramref name="whole"/>, half even to six decimals; a figure beyond what a decimal holds becomes the largest it holds.</summary>
    public decimal PercentOf(ExactPrice whole)
    {
        BigInteger millionths = DivideHalfEven(Units * whole.Divisor * PercentUnit, Divisor * whole.Units);
        return ToDecimal(BigInteger.Clamp(millionths, -LargestMantissa, LargestMantissa), PercentScale);
    }

    /// <summary>The nearest decimal of at most 28 significant digits and 28 decimals, half even, without trailing zeros. For positive prices.</summary>
    public decimal ToDecimal()
    {
        if (Divisor.IsOne && Units < PowersOfTen[SignificantDigits])
            return ToDecimal(Units, Scale);
        int scale = Math.Min(SignificantDigits, SignificantDigits + Scale - Digits(Units / Divisor));
        BigInteger mantissa = scale >= Scale
            ? DivideHalfEven(Units * PowersOfTen[scale - Scale], Divisor)
            : DivideHalfEven(Units, Divisor * PowersOfTen[Scale - scale]);
        return ToDecimal(mantissa, scale);
    }

    private static BigInteger DivideHalfEven(BigInteger dividend, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(dividend, divisor, out BigInteger remainder);
        int half = (BigInteger.Abs(remainder) << 1).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + dividend.Sign : quotient;
    }

    private static int Digits(BigInteger value)
    {
        // log10(2) is a little more than 301/1000: the estimate is right or one too low.
        int atLeast = (int)(value.GetBitLength() * 301 / 1000);
        return value >= PowersOfTen[atLeast] ? atLeast + 1 : atLeast;
    }

    private static decimal ToDecimal(BigInteger mantissa, int scale)
    {
        decimal integer = (decimal)mantissa;
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(integer, parts);
        return PriceUnits.Plain(new decimal(parts[0], parts[1], parts[2], mantissa.Sign < 0, (byte)scale));
    }
}
