using System.Numerics;

namespace Assay.Schemas;

/// <summary>What an oracle's answer says as a price.</summary>
public static class AnswerPrice
{
    private const int PriceScale = 18;
    private static readonly BigInteger LargestMantissa = (BigInteger.One << 96) - 1;

    /// <summary>answer / 10^decimals as a decimal of at most 18 places, rounded half even where it has more; null where it is none, or rounds to nothing.</summary>
    public static decimal? Of(BigInteger answer, int decimals)
    {
        int scale = Math.Min(decimals, PriceScale);
        BigInteger mantissa = RoundedQuotient(answer, BigInteger.Pow(10, decimals - scale));
        while (mantissa > LargestMantissa && scale > 0)
        {
            // From the answer itself each time: rounding twice would round wrongly.
            scale--;
            mantissa = RoundedQuotient(answer, BigInteger.Pow(10, decimals - scale));
        }
        if (mantissa > LargestMantissa || mantissa.IsZero || mantissa / BigInteger.Pow(10, scale) >= BigInteger.Pow(10, 20))
            return null;
        return new decimal((int)(uint)(mantissa & uint.MaxValue), (int)(uint)((mantissa >> 32) & uint.MaxValue), (int)(uint)(mantissa >> 64), isNegative: false, (byte)scale);
    }

    private static BigInteger RoundedQuotient(BigInteger value, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(value, divisor, out BigInteger remainder);
        int half = (2 * remainder).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
