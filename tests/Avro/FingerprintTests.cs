namespace Assay.Avro.Tests;

/// <summary>Canonical forms and fingerprints; the values are of Apache Avro's own test data (share/test/data/schema-tests.txt).</summary>
public sealed class FingerprintTests
{
    [Theory]
    [InlineData("\"null\"", 7195948357588979594)]
    [InlineData("\"boolean\"", -6970731678124411036)]
    [InlineData("\"int\"", 8247732601305521295)]
    [InlineData("\"long\"", -3434872931120570953)]
    [InlineData("\"float\"", 5583340709985441680)]
    [InlineData("\"double\"", -8181574048448539266)]
    [InlineData("\"bytes\"", 5746618253357095269)]
    [InlineData("\"string\"", -8142146995180207161)]
    [InlineData("[  ]", -1241056759729112623)]
    [InlineData("[ \"int\"  ]", -5232228896498058493)]
    public void Rabin_fingerprint_is_the_known_one(string json, long fingerprint) => Assert.Equal((ulong)fingerprint, AvroSchema.Parse(json).Fingerprint());

    [Theory]
    [InlineData("""{"type":"int","logicalType":"date","foo":1}""", "\"int\"")]
    [InlineData("""{"doc":"d","fields":[{"type":{"type":"string"},"name":"f","default":"x","aliases":["g"]}],"namespace":"a","name":"R","type":"record","aliases":["Q"]}""",
        """{"name":"a.R","type":"record","fields":[{"name":"f","type":"string"}]}""")]
    [InlineData("""{"size":16,"name":"F","type":"fixed","logicalType":"uuid"}""", """{"name":"F","type":"fixed","size":16}""")]
    [InlineData("""{"symbols":["A","B"],"name":"E","namespace":"n","type":"enum","default":"A"}""", """{"name":"n.E","type":"enum","symbols":["A","B"]}""")]
    public void Canonical_form_keeps_only_what_the_bytes_depend_on(string json, string canonical) =>
        Assert.Equal(canonical, AvroSchema.Parse(json).ToCanonicalForm());

    [Fact]
    public void Canonical_form_names_a_type_the_second_time()
    {
        AvroSchema schema = AvroSchema.Parse("""{"type":"record","name":"a.R","fields":[{"name":"next","type":["null","R"]}]}""");
        Assert.Equal("""{"name":"a.R","type":"record","fields":[{"name":"next","type":["null","a.R"]}]}""", schema.ToCanonicalForm());
    }
}
