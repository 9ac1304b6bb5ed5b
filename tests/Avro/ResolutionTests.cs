using Assay.Avro.Tests.Support;

namespace Assay.Avro.Tests;

/// <summary>One schema writes, another reads (specification, "Schema Resolution"); and the check that says beforehand whether it can.</summary>
public sealed class ResolutionTests
{
    private const string Colours = """{"type":"enum","name":"E","symbols":["A","B","C"]}""";

    [Theory]
    [InlineData("\"int\"", "7", "\"long\"", "7")]
    [InlineData("\"int\"", "7", "\"float\"", "7")]
    [InlineData("\"int\"", "7", "\"double\"", "7")]
    [InlineData("\"long\"", "7", "\"float\"", "7")]
    [InlineData("\"long\"", "7", "\"double\"", "7")]
    [InlineData("\"float\"", "0.5", "\"double\"", "0.5")]
    [InlineData("\"string\"", "\"é\"", "\"bytes\"", "\"Ã©\"")]
    [InlineData("\"bytes\"", "\"Ã©\"", "\"string\"", "\"é\"")]
    [InlineData("\"int\"", "7", """["null","int"]""", """{"int":7}""")]
    [InlineData("\"int\"", "7", """["string","long","double"]""", """{"long":7}""")]
    [InlineData("\"int\"", "7", """["double","int"]""", """{"int":7}""")]
    [InlineData("""["null","int"]""", """{"int":7}""", "\"int\"", "7")]
    [InlineData("""["null","int"]""", """{"int":7}""", """["long","null"]""", """{"long":7}""")]
    [InlineData("""["null","int"]""", "null", """["int","string","null"]""", "null")]
    [InlineData("""["int","string"]""", """{"string":"x"}""", """["bytes","long"]""", """{"bytes":"x"}""")]
    [InlineData("""{"type":"array","items":"int"}""", "[1,2]", """{"type":"array","items":["null","long"]}""", """[{"long":1},{"long":2}]""")]
    [InlineData("""{"type":"map","values":"int"}""", """{"a":1}""", """{"type":"map","values":"double"}""", """{"a":1}""")]
    [InlineData("""{"type":"enum","name":"x.E","symbols":["A","B"]}""", "\"B\"", """{"type":"enum","name":"y.E","symbols":["B"]}""", "\"B\"")]
    [InlineData(Colours, "\"C\"", """{"type":"enum","name":"E","symbols":["X","B"],"default":"X"}""", "\"X\"")]
    [InlineData(Colours, "\"C\"", """{"type":"enum","name":"F","aliases":["E"],"symbols":["C"]}""", "\"C\"")]
    [InlineData("""{"type":"fixed","name":"F","size":1}""", "\"a\"", """["null",{"type":"fixed","name":"n.F","size":1}]""", """{"n.F":"a"}""")]
    public void Value_is_read_with_the_readers_schema(string writer, string written, string reader, string read)
    {
        (AvroSchema w, AvroSchema r) = (AvroSchema.Parse(writer), AvroSchema.Parse(reader));
        byte[] bytes = Datum.Encode(w, Datum.FromJson(w, Parse(written), isDefault: false));
        Assert.Equal(Datum.Describe(Datum.FromJson(r, Parse(read), isDefault: false)), Datum.Describe(Datum.Decode(bytes, AvroReadPlan.Compile(w, r))));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void Fields_are_found_by_name_in_any_order_and_others_skipped(string first, string second)
    {
        AvroSchema writer = Record("""{"name":"x","type":["null","R"]},{"name":"a","type":"int"},{"name":"y","type":{"type":"map","values":{"type":"array","items":"string"}}},{"name":"b","type":"int"}""");
        AvroSchema reader = Record($$"""{"name":"{{first}}","type":"long"},{"name":"{{second}}","type":"int"}""");
        object?[] inner = [new Choice(0, null), 5, new Dictionary<string, object?>(), 6];
        byte[] bytes = Datum.Encode(writer, (object?[])[new Choice(1, inner), 1, new Dictionary<string, object?> { ["k"] = new List<object?> { "s" } }, 2]);
        Assert.Equal(first == "a" ? "(1, 2)" : "(2, 1)", Datum.Describe(Datum.Decode(bytes, AvroReadPlan.Compile(writer, reader))));
    }

    [Fact]
    public void Field_is_found_by_its_alias_and_its_name_goes_before()
    {
        AvroSchema writer = Record("""{"name":"old","type":"int"},{"name":"kept","type":"int"}""");
        AvroSchema reader = Record("""{"name":"new","type":"int","aliases":["kept","old"]},{"name":"kept","type":"int"}""");
        Assert.Equal("(1, 2)", Datum.Describe(Datum.Decode(Datum.Encode(writer, (object?[])[1, 2]), AvroReadPlan.Compile(writer, reader))));
    }

    [Fact]
    public void Decimal_keeps_its_value_when_the_scale_changes()
    {
        AvroSchema writer = AvroSchema.Parse("""{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""");
        AvroSchema reader = AvroSchema.Parse("""{"type":"bytes","logicalType":"decimal","precision":38,"scale":18}""");
        Assert.Equal(1.23m, new AvroReader([2, 123]).ReadDecimal(AvroReadPlan.Compile(writer, reader)));
    }

    [Fact]
    public void Timestamp_keeps_its_value_when_the_unit_changes()
    {
        AvroSchema writer = AvroSchema.Parse("""{"type":"long","logicalType":"timestamp-micros"}""");
        AvroSchema reader = AvroSchema.Parse("""{"type":"long","logicalType":"timestamp-millis"}""");
        AvroReader data = new([0x80, 0x89, 0x7A]);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1), data.ReadTimestamp(AvroReadPlan.Compile(writer, reader)));
    }

    [Fact]
    public void Same_schema_by_other_words_is_the_same()
    {
        AvroSchema one = Record("""{"name":"next","type":["null","R"],"doc":"d"}""");
        AvroSchema other = Record("""{"name":"next","type":["null","a.R"],"default":null}""");
        Assert.True(AvroReadPlan.Compile(one, other).IsSame);
    }

    [Theory]
    [InlineData("\"int\"", "\"string\"", "string: the writer's int cannot be read as string.")]
    [InlineData("\"long\"", "\"int\"", "int: the writer's long cannot be read as int.")]
    [InlineData("\"double\"", "\"float\"", "float: the writer's double cannot be read as float.")]
    [InlineData("\"int\"", """["null","string"]""", "union: the writer's int is none of the types of the reader's union.")]
    [InlineData("\"int\"", "[]", "union: the writer's int is none of the types of the reader's union.")]
    [InlineData("""{"type":"fixed","name":"F","size":1}""", """{"type":"fixed","name":"F","size":2}""", "F: the writer's fixed has 1 bytes, the reader's 2.")]
    [InlineData("""{"type":"fixed","name":"F","size":1}""", """{"type":"fixed","name":"G","size":1}""", "G: the writer's F cannot be read as G.")]
    [InlineData("""{"type":"array","items":"int"}""", """{"type":"array","items":"string"}""", "array[]: the writer's int cannot be read as string.")]
    [InlineData("""{"type":"array","items":"int"}""", """{"type":"map","values":"int"}""", "map: the writer's array cannot be read as map.")]
    [InlineData("""{"type":"record","name":"R","fields":[]}""", """{"type":"record","name":"R","fields":[{"name":"f","type":"int"}]}""", "R.f: the writer has no such field and the reader no default for it.")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"map","values":"int"}}]}""",
        """{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"map","values":"boolean"}}]}""", "R.f[]: the writer's int cannot be read as boolean.")]
    public void Mismatch_is_told_with_its_path(string writer, string reader, string message)
    {
        (AvroSchema w, AvroSchema r) = (AvroSchema.Parse(writer), AvroSchema.Parse(reader));
        Assert.Equal(message, Assert.Throws<AvroException>(() => AvroReadPlan.Compile(w, r)).Message);
        Assert.Equal([message], SchemaCompatibility.Check(r, w));
    }

    [Fact]
    public void Branch_that_the_reader_lacks_fails_when_a_value_takes_it()
    {
        (AvroSchema w, AvroSchema r) = (AvroSchema.Parse("""["null","int"]"""), AvroSchema.Parse("\"int\""));
        AvroReadPlan plan = AvroReadPlan.Compile(w, r);
        Assert.Equal(7, Datum.Decode([2, 14], plan));
        Assert.Contains("the writer's null cannot be read as int", Assert.Throws<AvroException>(() => Datum.Decode([0], plan)).Message, StringComparison.Ordinal);
        Assert.Equal(["int: the writer's null cannot be read as int."], SchemaCompatibility.Check(r, w));
    }

    [Fact]
    public void Symbol_that_the_reader_lacks_fails_when_a_value_has_it()
    {
        (AvroSchema w, AvroSchema r) = (AvroSchema.Parse(Colours), AvroSchema.Parse("""{"type":"enum","name":"E","symbols":["A"]}"""));
        AvroReadPlan plan = AvroReadPlan.Compile(w, r);
        Assert.Equal("A", Datum.Decode([0], plan));
        Assert.Contains("has no symbol C and no default", Assert.Throws<AvroException>(() => Datum.Decode([4], plan)).Message, StringComparison.Ordinal);
        Assert.Equal(["E: the reader's enum has no default and lacks the writer's B, C."], SchemaCompatibility.Check(r, w));
    }

    [Fact]
    public void Check_tells_everything_that_is_in_the_way()
    {
        AvroSchema writer = Record("""{"name":"a","type":"int"},{"name":"b","type":["null","R"]}""");
        AvroSchema reader = Record("""{"name":"a","type":"string"},{"name":"b","type":["null","R"]},{"name":"c","type":"int"}""");
        Assert.Equal(
            ["a.R.a: the writer's int cannot be read as string.", "a.R.c: the writer has no such field and the reader no default for it."],
            SchemaCompatibility.Check(reader, writer));
    }

    [Fact]
    public void Failed_branch_leaves_no_trace_in_the_plan_of_others()
    {
        // The first record fails within R; the second branch must not take R's unfinished plan for a good one.
        AvroSchema writer = Branches("int");
        AvroSchema reader = Branches("string");
        AvroReadPlan plan = AvroReadPlan.Compile(writer, reader);
        Assert.Equal("0:null", Datum.Describe(Datum.Decode([0], plan)));
        Assert.Contains("cannot be read as string", Assert.Throws<AvroException>(() => Datum.Decode([4, 2], plan)).Message, StringComparison.Ordinal);
    }

    private static AvroSchema Branches(string type) => AvroSchema.Parse(
        $$$"""["null",{"type":"record","name":"S","fields":[{"name":"r","type":{"type":"record","name":"R","fields":[{"name":"f","type":"{{{type}}}"}]}}]},"R"]""");

    private static AvroSchema Record(string fields) => AvroSchema.Parse($$"""{"type":"record","name":"a.R","fields":[{{fields}}]}""");

    private static System.Text.Json.Nodes.JsonNode? Parse(string json) => System.Text.Json.Nodes.JsonNode.Parse(json);
}
