using System.Globalization;
using System.Numerics;
using Assay.Ingest.Apis.Internal;

namespace Assay.Ingest.Apis;

public sealed class PriceTextTests
{
    private static readonly BigInteger Quantum = BigInteger.Pow(10, 18);

    [Theory]
    [InlineData("1683.12", "1683.12")]
    [InlineData("107077.69661924685", "107077.69661924685")]
    [InlineData("1e-7", "0.0000001")]
    [InlineData("1.5E+3", "1500")]
    [InlineData("100", "100")]
    [InlineData("1.10", "1.1")]
    [InlineData("0.000000000000000001", "0.000000000000000001")]
    [InlineData("79228162514.264337593543950335", "79228162514.264337593543950335")]
    [InlineData("99999999999999999999", "99999999999999999999")]
    [InlineData("0.1e1", "1")]
    public void Price_is_read_exactly(string text, string expected)
    {
        Assert.True(PriceText.TryParse(text, out decimal price, out string problem), problem);
        Assert.Equal(expected, price.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("0.0000000000000000025", "0.000000000000000002")]
    [InlineData("0.0000000000000000035", "0.000000000000000004")]
    [InlineData("0.00000000000000000250001", "0.000000000000000003")]
    [InlineData("0.0000000000000000006", "0.000000000000000001")]
    [InlineData("1.9999999999999999999", "2")]
    public void Nineteenth_decimal_is_rounded_half_to_even(string text, string expected)
    {
        Assert.True(PriceText.TryParse(text, out decimal price, out string problem), problem);
        Assert.Equal(expected, price.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("0", "is not positive")]
    [InlineData("-1683.12", "is not positive")]
    [InlineData("0e99999999999", "is not positive")]
    [InlineData("0.0000000000000000005", "is not positive")]
    [InlineData("1e-300", "is not positive")]
    [InlineData("", "is not a number")]
    [InlineData("NaN", "is not a number")]
    [InlineData("Infinity", "is not a number")]
    [InlineData(" 1", "is not a number")]
    [InlineData("1\n", "is not a number")]
    [InlineData("1,683.12", "is not a number")]
    [InlineData("+1", "is not a number")]
    [InlineData("01", "is not a number")]
    [InlineData(".5", "is not a number")]
    [InlineData("1.", "is not a number")]
    [InlineData("0x10", "is not a number")]
    [InlineData("١", "is not a number")]
    [InlineData("100000000000000000000", "has more than 20 digits before the point")]
    [InlineData("1e300", "has more than 20 digits before the point")]
    [InlineData("1e9999999", "has an exponent that no price has")]
    [InlineData("79228162514.264337593543950336", "has more digits than can be kept exactly")]
    public void Price_that_cannot_be_kept_is_refused_with_the_reason(string text, string expected)
    {
        Assert.False(PriceText.TryParse(text, out _, out string problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Very_long_number_is_refused_before_it_is_computed()
    {
        Assert.False(PriceText.TryParse("1." + new string('1', 300), out _, out string problem));
        Assert.Equal("is longer than 256 characters", problem);
    }

    /// <summary>The nearest multiple of 10^-18 by exact fractions: off by at most half a step, and by exactly half only to an even one.</summary>
    [Fact]
    public void Random_price_is_the_nearest_that_18_decimals_can_say()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 20_000; round++)
        {
            (string text, BigInteger numerator, BigInteger denominator) = RandomNumber(random);
            bool read = PriceText.TryParse(text, out decimal price, out string problem);
            BigInteger exact = numerator * Quantum;
            if (!read)
            {
                bool roundsToNothing = 2 * exact <= denominator;
                bool tooLarge = numerator >= BigInteger.Pow(10, 20) * denominator;
                BigInteger digits = Trimmed(RoundHalfEven(exact, denominator));
                Assert.True(roundsToNothing || tooLarge || digits >= BigInteger.One << 96, $"seed {seed}: {text} was refused: {problem}");
                continue;
            }
            BigInteger unscaled = Unscaled(price);
            BigInteger distance = BigInteger.Abs(unscaled * denominator - exact) * 2;
            Assert.True(distance < denominator || (distance == denominator && unscaled.IsEven), $"seed {seed}: {text} was read as {price}");
        }
    }

    /// <summary>Digits with a point and an exponent somewhere, often with a five where the rounding decides.</summary>
    private static (string Text, BigInteger Numerator, BigInteger Denominator) RandomNumber(Random random)
    {
        string integer = random.Next(3) == 0 ? "0" : random.NextInt64(1, (long)Math.Pow(10, random.Next(1, 13))).ToString(CultureInfo.InvariantCulture);
        string fraction = string.Concat(Enumerable.Range(0, random.Next(0, 24)).Select(_ => "00055719"[random.Next(8)]));
        if (random.Next(4) == 0)
            fraction = fraction.PadRight(18, '0')[..18] + "5";
        int exponent = random.Next(3) == 0 ? random.Next(-12, 9) : 0;
        string text = integer + (fraction.Length > 0 ? "." + fraction : "") + (exponent != 0 ? $"e{exponent}" : "");
        BigInteger mantissa = BigInteger.Parse(integer + fraction, CultureInfo.InvariantCulture);
        int power = exponent - fraction.Length;
        return power >= 0 ? (text, mantissa * BigInteger.Pow(10, power), 1) : (text, mantissa, BigInteger.Pow(10, -power));
    }

    private static BigInteger RoundHalfEven(BigInteger numerator, BigInteger denominator)
    {
        BigInteger floor = numerator / denominator;
        BigInteger twice = 2 * (numerator - floor * denominator);
        return twice > denominator || (twice == denominator && !floor.IsEven) ? floor + 1 : floor;
    }

    private static BigInteger Trimmed(BigInteger unscaled)
    {
        for (int dropped = 0; dropped < 18 && unscaled % 10 == 0; dropped++)
            unscaled /= 10;
        return unscaled;
    }

    private static BigInteger Unscaled(decimal price)
    {
        int[] bits = decimal.GetBits(price);
        BigInteger mantissa = ((BigInteger)(uint)bits[2] << 64) + ((BigInteger)(uint)bits[1] << 32) + (uint)bits[0];
        return mantissa * BigInteger.Pow(10, 18 - price.Scale);
    }
}
