using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Assay.Avro.Tests;

/// <summary>Decimals and times between Avro and C#.</summary>
public sealed class LogicalTypeTests
{
    private static readonly int Seed = Random.Shared.Next();

    [Theory]
    [InlineData("0", 4, "00")]
    [InlineData("1", 0, "01")]
    [InlineData("-1", 0, "FF")]
    [InlineData("1.27", 2, "7F")]
    [InlineData("1.28", 2, "0080")]
    [InlineData("-1.28", 2, "80")]
    [InlineData("-1.29", 2, "FF7F")]
    [InlineData("1683.12", 18, "5B3DFB7272B3780000")]
    [InlineData("79228162514264337593543950335", 0, "00FFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("-79228162514264337593543950335", 0, "FF000000000000000000000001")]
    [InlineData("7.9228162514264337593543950335", 28, "00FFFFFFFFFFFFFFFFFFFFFFFF")]
    public void Decimal_is_its_unscaled_number_in_the_fewest_bytes(string number, int scale, string hex)
    {
        decimal value = decimal.Parse(number, CultureInfo.InvariantCulture);
        Assert.Equal(hex, Convert.ToHexString(Encode(value, 38, scale)[1..]));
        Assert.Equal(number, new AvroReader(Encode(value, 38, scale)).ReadDecimal(scale).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Decimal_of_any_digits_and_scale_comes_back()
    {
        Random random = new(Seed);
        for (int i = 0; i < 20_000; i++)
        {
            decimal value = new(random.Next(), random.Next(), random.Next(3) == 0 ? random.Next() : 0, random.Next(2) == 0, (byte)random.Next(10));
            int scale = random.Next(10, 19);
            byte[] bytes;
            try
            {
                bytes = Encode(value, 38, scale);
            }
            catch (AvroException)
            {
                // 38 digits hold 29 of the value's and so many zeros.
                Assert.True(Math.Abs((double)value) * Math.Pow(10, scale) > 0.9e38, $"seed {Seed}: {value} at scale {scale}");
                continue;
            }
            decimal read = new AvroReader(bytes).ReadDecimal(scale);
            Assert.True(value == read, $"seed {Seed}: {value} at scale {scale} came back as {read}");
            BigInteger unscaled = new(bytes.AsSpan(1), isBigEndian: true);
            Assert.True(unscaled == new BigInteger(decimal.Truncate(value)) * BigInteger.Pow(10, scale) + Fraction(value, scale), $"seed {Seed}: {value}");
        }
    }

    [Theory]
    [InlineData("1.001", 38, 2)]
    [InlineData("100", 2, 0)]
    [InlineData("10", 3, 2)]
    [InlineData("79228162514264337593543950335", 38, 18)]
    public void Decimal_that_the_schema_cannot_hold_is_refused(string number, int precision, int scale) =>
        Assert.Contains("does not fit a decimal of", Assert.Throws<AvroException>(() => Encode(decimal.Parse(number, CultureInfo.InvariantCulture), precision, scale)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", 0)]
    [InlineData("01000000000000000000000000", 0)]
    [InlineData("7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 18)]
    [InlineData("80000000000000000000000000000000", 0)]
    [InlineData("0080000000000000000000000000000000", 0)]
    [InlineData("01", 29)]
    public void Decimal_that_csharp_cannot_hold_is_refused(string hex, int scale)
    {
        byte[] unscaled = Convert.FromHexString(hex);
        byte[] data = [(byte)(unscaled.Length * 2), .. unscaled];
        Assert.Contains("fit C#'s decimal exactly", Assert.Throws<AvroException>(() => new AvroReader(data).ReadDecimal(scale)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decimal_with_needless_sign_bytes_is_read()
    {
        byte[] data = [40, .. Enumerable.Repeat((byte)0xFF, 19), 0x85];
        Assert.Equal(-1.23m, new AvroReader(data).ReadDecimal(2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Decimal_of_seventeen_bytes_fits_where_its_digits_do(int sign)
    {
        // Just above 2^127: with its sign one byte more than 128 bits.
        BigInteger shortened = (BigInteger.Pow(2, 127) / BigInteger.Pow(10, 12)) + 1;
        byte[] unscaled = (sign * shortened * BigInteger.Pow(10, 12)).ToByteArray(isBigEndian: true);
        Assert.Equal(17, unscaled.Length);
        Assert.Equal(sign * (decimal)shortened, new AvroReader([34, .. unscaled]).ReadDecimal(12));
    }

    [Fact]
    public void Decimal_with_zeros_at_its_end_fits_where_its_digits_do()
    {
        byte[] unscaled = BigInteger.Pow(10, 37).ToByteArray(isBigEndian: true);
        Assert.Equal(10_000_000_000_000_000_000m, new AvroReader([(byte)(unscaled.Length * 2), .. unscaled]).ReadDecimal(18));
    }

    [Theory]
    [InlineData("-0.01", 1, "FF")]
    [InlineData("0.01", 20, "0000000000000000000000000000000000000001")]
    [InlineData("-0.02", 20, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE")]
    public void Decimal_on_a_fixed_fills_it(string number, int size, string hex)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        writer.WriteDecimal(decimal.Parse(number, CultureInfo.InvariantCulture), size, 38, 2);
        writer.Flush();
        Assert.Equal(hex, Convert.ToHexString(output.WrittenSpan));
        Assert.Equal(number, new AvroReader(output.WrittenSpan).ReadDecimal(size, 2).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Decimal_too_large_for_its_fixed_is_refused() => Assert.Throws<AvroException>(() =>
    {
        AvroWriter writer = new(new ArrayBufferWriter<byte>());
        writer.WriteDecimal(1.28m, 1, 38, 2);
    });

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(253_402_300_800_000)]
    [InlineData(-62_135_596_800_001)]
    public void Timestamp_outside_the_calendar_is_refused(long millis)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        writer.WriteLong(millis);
        writer.Flush();
        Assert.Contains("lies outside the years 1 to 9999", Assert.Throws<AvroException>(() => new AvroReader(output.WrittenSpan).ReadTimestampMillis()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1969-12-31T23:59:59.9999999Z", -1)]
    [InlineData("1970-01-01T00:00:00.0009999Z", 0)]
    [InlineData("0001-01-01T00:00:00.0000000Z", -62_135_596_800_000)]
    [InlineData("9999-12-31T23:59:59.9999999Z", 253_402_300_799_999)]
    public void Timestamp_is_rounded_towards_the_past(string time, long millis)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        writer.WriteTimestampMillis(DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
        writer.Flush();
        Assert.Equal(millis, new AvroReader(output.WrittenSpan).ReadLong());
    }

    [Theory]
    [InlineData(-719_162, "0001-01-01")]
    [InlineData(2_932_896, "9999-12-31")]
    public void Date_reaches_to_the_ends_of_the_calendar(int days, string date)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        writer.WriteInt(days);
        writer.Flush();
        Assert.Equal(DateOnly.Parse(date, CultureInfo.InvariantCulture), new AvroReader(output.WrittenSpan).ReadDate());
    }

    [Fact]
    public void Time_of_day_beyond_a_day_is_refused() => Assert.Throws<AvroException>(() => new AvroReader([0x80, 0xF0, 0xB2, 0x52]).ReadTimeMillis());

    [Fact]
    public void Uuid_that_is_none_is_refused() => Assert.Throws<AvroException>(() => new AvroReader([2, (byte)'x']).ReadUuid());

    private static BigInteger Fraction(decimal value, int scale) =>
        new BigInteger((value - decimal.Truncate(value)) * 10_000_000_000m) * BigInteger.Pow(10, scale - 10);

    private static byte[] Encode(decimal value, int precision, int scale)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        writer.WriteDecimal(value, precision, scale);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
