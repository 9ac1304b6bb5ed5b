using System.Numerics;
using Assay.Topology.Internal.Rules;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Tests;

public sealed class ExactPriceTests
{
    private static ExactPrice Of(decimal price) => new(PriceUnits.Of(price), 1);

    [Theory]
    [InlineData("1", 3, "0.3333333333333333333333333333")]
    [InlineData("2", 3, "0.6666666666666666666666666667")]
    [InlineData("100", 3, "33.33333333333333333333333333")]
    [InlineData("1680.5", 1, "1680.5")]
    [InlineData("99999999999999999999", 7, "14285714285714285714.14285714")]
    [InlineData("0.000000000000000001", 3, "0.0000000000000000003333333333")]
    [InlineData("60000.123456789012345678", 1, "60000.123456789012345678")]
    public void Decimal_has_28_significant_digits_half_even_and_no_trailing_zeros(string price, int divisor, string expected)
    {
        decimal value = decimal.Parse(price, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(expected, (Of(value) / divisor).ToDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Mean_of_repeating_means_is_exact()
    {
        // 100⅓ and 99⅔: rounded before they are added, they might miss 100.
        ExactPrice sum = new(PriceUnits.Of(301), 3);
        sum += new ExactPrice(PriceUnits.Of(299), 3);

        Assert.Equal(100, (sum / 2).ToDecimal());
        Assert.Equal(0, (Of(100) - sum / 2).PercentOf(sum / 2));
    }

    /// <summary>Digests of records, which outlive the process, are taken of a decimal's bits.</summary>
    [Fact]
    public void Nothing_in_percent_has_the_bits_of_zero() =>
        Assert.Equal(decimal.GetBits(0m), decimal.GetBits((Of(100) - Of(100)).PercentOf(Of(100))));

    [Fact]
    public void Sum_of_the_largest_prices_does_not_overflow()
    {
        SourceSum sum = new() { NewestQuotedAt = long.MinValue };
        for (int i = 0; i < 1_000; i++)
            sum.Add(PriceUnits.Of(99_999_999_999_999_999_999m), long.MinValue);

        Assert.Equal((BigInteger)99_999_999_999_999_999_999m * 1_000 * BigInteger.Pow(10, 18), sum.Units);
        Assert.Equal(99_999_999_999_999_999_999m, new ExactPrice(sum.Units, sum.Quotes).ToDecimal());
    }

    [Fact]
    public void Units_hold_every_decimal_the_wire_holds()
    {
        Assert.Equal((UInt128)1, PriceUnits.Of(0.000000000000000001m));
        Assert.Equal(UInt128.Parse("60000123456789012345678"), PriceUnits.Of(60000.123456789012345678m));
        Assert.Equal(UInt128.Parse("1500000000000000000"), PriceUnits.Of(1.5000000000000000000000m));
    }
}
