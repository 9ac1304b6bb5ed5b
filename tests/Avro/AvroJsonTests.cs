using System.Buffers;
using System.Text;
using System.Text.Json;
using Assay.Avro.Tests.Support;

namespace Assay.Avro.Tests;

/// <summary>Data as JSON for people.</summary>
public sealed class AvroJsonTests
{
    [Fact]
    public void Quote_is_readable() => Assert.Equal(
        """{"pair":"ETH-USD","source":"coingecko","event_type":"cg","price":1680.1,"quoted_at":null,"observed_at":"2023-08-17T21:41:12.345Z","event":"{\"ethereum\":{\"usd\":1680.1}}"}""",
        Json(AvroRecord.Encode(Samples.Quote), Schemas.ApiPrice.Schema));

    [Fact]
    public void Every_type_has_a_form()
    {
        using JsonDocument json = JsonDocument.Parse(Json(AvroRecord.Encode(Everythings.Tree), Everything.Schema));
        JsonElement root = json.RootElement;
        Assert.Equal(-123456.7891m, root.GetProperty("amount").GetDecimal());
        Assert.Equal("0.01", root.GetProperty("fixed_amount").GetRawText());
        Assert.Equal("3q2+7w==", root.GetProperty("digest").GetString());
        Assert.Equal("club_suit", root.GetProperty("suit").GetString());
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", root.GetProperty("fixed_id").GetString());
        Assert.Equal("1969-12-31", root.GetProperty("day").GetString());
        Assert.Equal("23:59:59.999", root.GetProperty("time_millis").GetString());
        Assert.Equal("01:02:03.004005", root.GetProperty("time_micros").GetString());
        Assert.Equal("1950-01-02T03:04:05.006007Z", root.GetProperty("at_micros").GetString());
        Assert.Equal("0001-01-01T00:00:00.000", root.GetProperty("local_millis").GetString());
        Assert.Equal("NaN", root.GetProperty("scores").GetProperty("y").GetString());
        Assert.Equal("""{"x":3,"y":-1}""", root.GetProperty("choice").GetRawText());
        Assert.Equal("""{"none":null,"some":["CQ==",null]}""", root.GetProperty("sparse").GetRawText());
        Assert.Equal("""{"value":1,"next":{"value":2,"next":null}}""", root.GetProperty("next").GetRawText());
        Assert.Equal(2, root.GetProperty("children").GetArrayLength());
    }

    [Theory]
    [InlineData(0, "0100", "256")]
    [InlineData(1, "F6", "-1")]
    [InlineData(3, "01", "0.001")]
    [InlineData(3, "FF", "-0.001")]
    [InlineData(2, "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "7307508186654514591018424163581415098279662714.87")]
    public void Decimal_is_plain_however_large(int scale, string hex, string expected)
    {
        AvroSchema schema = AvroSchema.Parse($$"""{"type":"bytes","logicalType":"decimal","precision":60,"scale":{{scale}}}""");
        Assert.Equal(expected, Json([(byte)hex.Length, .. Convert.FromHexString(hex)], schema));
    }

    [Fact]
    public void Fault_names_the_field()
    {
        byte[] bytes = AvroRecord.Encode(Samples.Quote);
        AvroException fault = Assert.Throws<AvroException>(() => Json(bytes.AsSpan(..^3), Schemas.ApiPrice.Schema));
        Assert.StartsWith("assay.ApiPrice.event: a length of 27 is given where 24 bytes are left", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_without_bytes_have_a_limit()
    {
        // Each type holds the one before twice: 2^60 records in no bytes at all.
        string fields = string.Join(',', Enumerable.Range(1, 60).Select(i =>
            $$$"""{"name":"f{{{i}}}","type":{"type":"record","name":"R{{{i}}}","fields":[{"name":"a","type":"R{{{i - 1}}}"},{"name":"b","type":"R{{{i - 1}}}"}]}}"""));
        AvroSchema schema = AvroSchema.Parse($$$"""{"type":"record","name":"R","fields":[{"name":"f0","type":{"type":"record","name":"R0","fields":[]}},{{{fields}}}]}""");
        Assert.Contains("empty records", Assert.Throws<AvroException>(() => Json([], schema)).Message, StringComparison.Ordinal);
    }

    private static string Json(ReadOnlySpan<byte> data, AvroSchema schema)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            AvroJson.Write(data, schema, writer);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
