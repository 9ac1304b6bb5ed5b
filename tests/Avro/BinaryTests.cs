using System.Buffers;

namespace Assay.Avro.Tests;

/// <summary>The binary encoding, value by value (specification, "Binary Encoding").</summary>
public sealed class BinaryTests
{
    private delegate void Writing(ref AvroWriter writer);

    [Theory]
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(-64, "7F")]
    [InlineData(64, "8001")]
    [InlineData(8192, "808001")]
    [InlineData(-8193, "818001")]
    [InlineData(int.MaxValue, "FEFFFFFF0F")]
    [InlineData(int.MinValue, "FFFFFFFF0F")]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Long_is_a_zigzag_number(long value, string hex)
    {
        Assert.Equal(hex, Hex((ref AvroWriter writer) => writer.WriteLong(value)));
        AvroReader reader = new(Convert.FromHexString(hex));
        Assert.Equal(value, reader.ReadLong());
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Float_double_boolean_string_and_bytes_are_as_specified()
    {
        Assert.Equal("0000C03F", Hex((ref AvroWriter writer) => writer.WriteFloat(1.5f)));
        Assert.Equal("00000000000004C0", Hex((ref AvroWriter writer) => writer.WriteDouble(-2.5)));
        Assert.Equal("0001", Hex((ref AvroWriter writer) =>
        {
            writer.WriteBoolean(false);
            writer.WriteBoolean(true);
        }));
        Assert.Equal("06666F6F", Hex((ref AvroWriter writer) => writer.WriteString("foo")));
        Assert.Equal("040102", Hex((ref AvroWriter writer) => writer.WriteBytes([1, 2])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(100_000)]
    public void String_of_any_length_comes_back(int length)
    {
        string text = new('é', length);
        AvroReader reader = new(Convert.FromHexString(Hex((ref AvroWriter writer) => writer.WriteString(text))));
        Assert.Equal(text, reader.ReadString());
    }

    [Theory]
    [InlineData("80")]
    [InlineData("8080808080808080808080")]
    [InlineData("80808080808080808002")]
    [InlineData("FFFFFFFFFFFFFFFFFF7F")]
    public void Number_without_end_is_refused(string hex) =>
        Assert.Throws<AvroException>(() => new AvroReader(Convert.FromHexString(hex)).ReadLong());

    [Theory]
    [InlineData("8080808010")]
    [InlineData("8180808010")]
    public void Long_is_no_int(string hex) =>
        Assert.Contains("does not fit an int", Assert.Throws<AvroException>(() => new AvroReader(Convert.FromHexString(hex)).ReadInt()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("02")]
    [InlineData("01")]
    [InlineData("FFFFFFFFFFFFFFFFFF01")]
    [InlineData("FEFFFFFFFFFFFFFFFF01")]
    public void Length_beyond_the_data_is_refused(string hex) =>
        Assert.Contains("a length of", Assert.Throws<AvroException>(() => new AvroReader(Convert.FromHexString(hex)).ReadString()).Message, StringComparison.Ordinal);

    [Fact]
    public void Boolean_is_zero_or_one() => Assert.Throws<AvroException>(() => new AvroReader([2]).ReadBoolean());

    [Fact]
    public void String_that_is_not_utf8_is_refused() =>
        Assert.Contains("not UTF-8", Assert.Throws<AvroException>(() => new AvroReader([4, 0xC3, 0x28]).ReadString()).Message, StringComparison.Ordinal);

    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() =>
        Assert.Contains("surrogate", Assert.Throws<AvroException>(() => Hex((ref AvroWriter writer) => writer.WriteString("\ud800"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 0)]
    public void Index_outside_is_refused(byte index, int count) =>
        Assert.Contains("index", Assert.Throws<AvroException>(() => new AvroReader([index]).ReadIndex(count + 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Block_with_its_size_is_read_like_one_without()
    {
        // −2 items in 2 bytes, then the end.
        AvroReader reader = new(Convert.FromHexString("0304020400"));
        Assert.Equal(2, reader.ReadBlock(1));
        Assert.Equal((1, 2), (reader.ReadInt(), reader.ReadInt()));
        Assert.Equal(0, reader.ReadBlock(1));
    }

    [Theory]
    [InlineData("FEFFFFFFFFFFFFFFFF01", 1)]
    [InlineData("FFFFFFFFFFFFFFFFFF0100", 1)]
    [InlineData("0A00000000", 1)]
    [InlineData("0400000000000000", 4)]
    [InlineData("FEFFFFFFFFFFFFFFFF01", 0)]
    public void Block_that_cannot_be_there_is_refused(string hex, int minimum) =>
        Assert.Contains("a block of", Assert.Throws<AvroException>(() => new AvroReader(Convert.FromHexString(hex)).ReadBlock(minimum)).Message, StringComparison.Ordinal);

    [Fact]
    public void Empty_items_have_a_limit_for_all_blocks_together()
    {
        byte[] block = Convert.FromHexString(Hex((ref AvroWriter writer) => writer.WriteLong(AvroReader.MaximumEmptyItems / 2)));
        byte[] data = [.. block, .. block, 2];
        Assert.Throws<AvroException>(() =>
        {
            AvroReader reader = new(data);
            while (reader.Remaining > 0)
                reader.ReadBlock(0);
        });
    }

    [Fact]
    public void Fixed_of_another_size_is_refused() =>
        Assert.Equal("A fixed of 3 bytes was given 2 bytes.", Assert.Throws<AvroException>(() => Hex((ref AvroWriter writer) => writer.WriteFixed([1, 2], 3))).Message);

    private static string Hex(Writing write)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        write(ref writer);
        writer.Flush();
        return Convert.ToHexString(output.WrittenSpan);
    }
}
