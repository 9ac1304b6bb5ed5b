using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Assay.Ingest.Apis.Internal;

/// <summary>
/// A price as a JSON number (RFC 8259, section 6: <c>[ minus ] int [ frac ] [ exp ]</c>), read digit by digit, never by way of a
/// binary fraction.
/// </summary>
/// <remarks>
/// More than 18 decimals are rounded half to even at the 18th. What then still does not fit — more than 20 digits before the
/// point, or more digits in all than a .NET decimal's 96 bits hold — is refused, not approximated.
/// </remarks>
internal static partial class PriceText
{
    /// <summary>Decimals of the wire's decimal(38,18).</summary>
    private const int Scale = 18;
    private const int Precision = 38;
    private const int MaxLength = 256;
    private const int MaxExponentLength = 6;
    private static readonly BigInteger LargestMantissa = (BigInteger.One << 96) - 1;

    /// <summary>Reads a positive price; where it cannot, <paramref name="problem"/> completes "the price …".</summary>
    public static bool TryParse(string text, out decimal price, out string problem)
    {
        price = 0;
        problem = Read(text, out BigInteger unscaled) ?? (unscaled.Sign <= 0 ? "is not positive" : Convert(unscaled, out price)) ?? "";
        return problem.Length == 0;
    }

    /// <summary>The value × 10^18, rounded half to even.</summary>
    private static string? Read(string text, out BigInteger unscaled)
    {
        unscaled = 0;
        if (text.Length > MaxLength)
            return $"is longer than {MaxLength} characters";
        Match match = Grammar().Match(text);
        if (!match.Success)
            return "is not a number";
        string fraction = match.Groups["fraction"].Value;
        string digits = (match.Groups["integer"].Value + fraction).TrimStart('0');
        string exponentText = match.Groups["exponent"].Value;
        if (digits.Length == 0)
            return null;
        if (exponentText.Length > MaxExponentLength)
            return "has an exponent that no price has";

        int exponent = exponentText.Length == 0 ? 0 : int.Parse(exponentText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        int power = exponent - fraction.Length + Scale;
        if (digits.Length + power > Precision)
            return $"has more than {Precision - Scale} digits before the point";
        if (digits.Length + power < 0)
            return null;
        BigInteger mantissa = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        unscaled = power >= 0 ? mantissa * BigInteger.Pow(10, power) : DivideHalfEven(mantissa, BigInteger.Pow(10, -power));
        if (match.Groups["minus"].Success)
            unscaled = -unscaled;
        return null;
    }

    private static BigInteger DivideHalfEven(BigInteger value, BigInteger divisor)
    {
        (BigInteger quotient, BigInteger remainder) = BigInteger.DivRem(value, divisor);
        int half = (remainder * 2).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static string? Convert(BigInteger unscaled, out decimal price)
    {
        price = 0;
        byte scale = Scale;
        while (scale > 0 && unscaled % 10 == 0)
        {
            unscaled /= 10;
            scale--;
        }
        if (unscaled > LargestMantissa)
            return "has more digits than can be kept exactly";
        price = new decimal((int)(uint)(unscaled & uint.MaxValue), (int)(uint)((unscaled >> 32) & uint.MaxValue), (int)(uint)(unscaled >> 64), false, scale);
        return null;
    }

    [GeneratedRegex(
        @"^(?<minus>-)?(?<integer>0|[1-9][0-9]*)(\.(?<fraction>[0-9]+))?([eE](?<exponent>[+-]?[0-9]+))?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
