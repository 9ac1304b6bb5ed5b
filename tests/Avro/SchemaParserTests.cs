namespace Assay.Avro.Tests;

/// <summary>Schemas as text: what is one, what is none and where it says so.</summary>
public sealed class SchemaParserTests
{
    [Theory]
    [InlineData("""  "int"  """, "\"int\"")]
    [InlineData("""{"type":"string"}""", "\"string\"")]
    [InlineData("""{"type":{"type":"long"}}""", "\"long\"")]
    [InlineData("""["null","int"]""", """["null","int"]""")]
    [InlineData("[]", "[]")]
    [InlineData("""{"type":"array","items":"null"}""", """{"type":"array","items":"null"}""")]
    [InlineData("""{"type":"map","values":["int"]}""", """{"type":"map","values":["int"]}""")]
    [InlineData("""{"type":"fixed","name":"a.F","size":0}""", """{"name":"a.F","type":"fixed","size":0}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":[]}""", """{"name":"E","type":"enum","symbols":[]}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"],"default":"A","doc":"d"}""", """{"name":"E","type":"enum","doc":"d","symbols":["A"],"default":"A"}""")]
    [InlineData("""{"type":"error","name":"E","fields":[]}""", """{"name":"E","type":"record","fields":[]}""")]
    [InlineData("""{"type":"record","name":"R","aliases":["Q","b.S"],"namespace":"a","fields":[]}""", """{"name":"a.R","type":"record","aliases":["a.Q","b.S"],"fields":[]}""")]
    [InlineData("""{"type":"record","name":"x.R","namespace":"ignored","fields":[]}""", """{"name":"x.R","type":"record","fields":[]}""")]
    [InlineData("""{"type":"int","logicalType":"date"}""", """{"type":"int","logicalType":"date"}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":4}""", """{"type":"bytes","logicalType":"decimal","precision":4,"scale":0}""")]
    public void Schema_is_written_back_complete(string json, string expected) => Assert.Equal(expected, AvroSchema.Parse(json).ToString());

    [Theory]
    [InlineData("""{"type":"int","logicalType":"timestamp-millis"}""")]
    [InlineData("""{"type":"int","logicalType":"no-such-type"}""")]
    [InlineData("""{"type":"int","logicalType":7}""")]
    public void Logical_type_that_does_not_fit_is_ignored(string json) => Assert.Equal(AvroLogicalType.None, AvroSchema.Parse(json).Logical);

    [Theory]
    [InlineData("""{"type":"bytes","logicalType":"decimal"}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":2,"scale":3}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":2000000000,"scale":1999999999}""")]
    public void Decimal_without_sense_is_ignored(string json) => Assert.Equal(AvroLogicalType.None, AvroSchema.Parse(json).Logical);

    [Fact]
    public void Names_resolve_in_the_enclosing_namespace()
    {
        RecordSchema outer = (RecordSchema)AvroSchema.Parse("""
            {"type":"record","name":"a.b.Outer","fields":[
              {"name":"one","type":{"type":"fixed","name":"F","size":1}},
              {"name":"two","type":"F"},
              {"name":"three","type":"a.b.F"},
              {"name":"self","type":["null","Outer"]}]}
            """);
        Assert.Equal("a.b.F", ((NamedSchema)outer.Fields[0].Schema).FullName);
        Assert.Same(outer.Fields[0].Schema, outer.Fields[1].Schema);
        Assert.Same(outer.Fields[0].Schema, outer.Fields[2].Schema);
        Assert.Same(outer, ((UnionSchema)outer.Fields[3].Schema).Branches[1]);
    }

    [Fact]
    public void Type_without_namespace_within_a_namespace_keeps_none()
    {
        const string json = """{"type":"record","name":"a.R","fields":[{"name":"f","type":{"type":"fixed","name":"F","namespace":"","size":1}},{"name":"g","type":"F"}]}""";
        AvroSchema again = AvroSchema.Parse(AvroSchema.Parse(json).ToString());
        Assert.Equal("F", ((RecordSchema)again).Fields[1].Schema.TypeName);
    }

    [Theory]
    [InlineData("", 1, 1, "the JSON ends where a value is expected")]
    [InlineData("{", 1, 2, "a member's name in double quotes is expected")]
    [InlineData("[1,]", 1, 4, "a JSON value is expected")]
    [InlineData("{\"a\":1,\n \"a\":2}", 2, 2, "the member \"a\" is given twice")]
    [InlineData("{\"a\" 1}", 1, 6, "a ':' is expected after \"a\"")]
    [InlineData("[1 2]", 1, 4, "',' or ']' is expected")]
    [InlineData("\"a", 1, 3, "a string is not closed")]
    [InlineData("\"\\x\"", 1, 3, "an escape that JSON does not know")]
    [InlineData("\"\\u12\"", 1, 3, "an escape that JSON does not know")]
    [InlineData("\"\n\"", 1, 2, "a control character stands in a string")]
    [InlineData("01", 1, 1, "a JSON value is expected")]
    [InlineData("1.", 1, 1, "a JSON value is expected")]
    [InlineData("1e", 1, 1, "a JSON value is expected")]
    [InlineData("-", 1, 1, "a JSON value is expected")]
    [InlineData("nul", 1, 1, "a JSON value is expected")]
    [InlineData("\"int\" 1", 1, 7, "after the end of the JSON stands '1'")]
    [InlineData("1", 1, 1, "a schema is a type's name, an object or an array")]
    [InlineData("\"integer\"", 1, 1, "there is no type named \"integer\"")]
    [InlineData("{}", 1, 1, "the schema has no \"type\"")]
    [InlineData("[[\"int\"]]", 1, 2, "a union cannot directly hold another union")]
    [InlineData("[\"int\",\"int\"]", 1, 8, "the union holds int twice")]
    [InlineData("{\"type\":\"array\"}", 1, 1, "\"items\" is missing")]
    [InlineData("{\"type\":\"map\"}", 1, 1, "\"values\" is missing")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\"}", 1, 1, "\"size\" is missing")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":-1}", 1, 35, "\"size\" is not a whole number from 0")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1e3}", 1, 35, "\"size\" is not a whole number from 0")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"F-\",\"size\":1}", 1, 1, "\"F-\" cannot be a type's name")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"int\",\"size\":1}", 1, 1, "\"int\" cannot be a type's name")]
    [InlineData("{\"type\":\"fixed\",\"name\":\"a..F\",\"size\":1}", 1, 1, "\"a..F\" cannot be a type's name")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"1\"]}", 1, 37, "\"1\" of E cannot be a symbol")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"A\"]}", 1, 37, "E has a symbol twice")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":\"B\"}", 1, 53, "the default \"B\" of E is none of its symbols")]
    [InlineData("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[1]}", 1, 37, "\"symbols\" is not an array of strings")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\"}", 1, 1, "\"fields\" is missing")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":{}}", 1, 38, "\"fields\" of R is not an array")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[1]}", 1, 39, "a field is an object")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\"}]}", 1, 39, "\"type\" is missing")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f g\",\"type\":\"int\"}]}", 1, 47, "\"f g\" cannot be a field's name")]
    [InlineData("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":\"int\"},{\"name\":\"f\",\"type\":\"int\"}]}", 1, 65, "R has two fields named \"f\"")]
    [InlineData("[{\"type\":\"fixed\",\"name\":\"F\",\"size\":1},{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}]", 1, 39, "F is defined twice")]
    public void Mistake_is_told_with_its_place(string json, int line, int column, string what)
    {
        AvroException fault = Assert.Throws<AvroException>(() => AvroSchema.Parse(json));
        Assert.StartsWith($"The Avro schema is wrong at line {line}, column {column}: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"int\"", "2147483648")]
    [InlineData("\"int\"", "1.0")]
    [InlineData("\"int\"", "\"1\"")]
    [InlineData("\"long\"", "9223372036854775808")]
    [InlineData("\"boolean\"", "0")]
    [InlineData("\"null\"", "0")]
    [InlineData("\"string\"", "null")]
    [InlineData("\"double\"", "\"NaN\"")]
    [InlineData("\"bytes\"", "\"\\u0100\"")]
    [InlineData("""{"type":"fixed","name":"F","size":2}""", "\"abc\"")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", "\"B\"")]
    [InlineData("""{"type":"array","items":"int"}""", "{}")]
    [InlineData("""{"type":"array","items":"int"}""", "[1,\"a\"]")]
    [InlineData("""{"type":"map","values":"int"}""", "{\"a\":null}")]
    [InlineData("""["null","int"]""", "\"a\"")]
    [InlineData("""{"type":"record","name":"S","fields":[{"name":"x","type":"int"}]}""", "{}")]
    public void Default_that_is_no_value_of_its_type_is_refused(string type, string value)
    {
        string json = $$"""{"type":"record","name":"R","fields":[{"name":"f","type":{{type}},"default":{{value}}}]}""";
        Assert.Contains("the default of R.f", Assert.Throws<AvroException>(() => AvroSchema.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"double\"", "1")]
    [InlineData("""["null","int"]""", "5")]
    [InlineData("""["null","R"]""", "null")]
    [InlineData("""{"type":"array","items":["null","R"]}""", "[null]")]
    [InlineData("""{"type":"record","name":"S","fields":[{"name":"x","type":"int","default":1}]}""", "{}")]
    public void Default_that_is_a_value_of_its_type_is_taken(string type, string value)
    {
        string json = $$"""{"type":"record","name":"R","fields":[{"name":"f","type":{{type}},"default":{{value}}}]}""";
        Assert.True(((RecordSchema)AvroSchema.Parse(json)).Fields[0].HasDefault);
    }

    [Fact]
    public void Json_nested_without_end_is_refused() =>
        Assert.Contains("nested deeper than 100", Assert.Throws<AvroException>(() => AvroSchema.Parse(new string('[', 100_000))).Message, StringComparison.Ordinal);

    [Fact]
    public void Types_without_number_are_refused()
    {
        IEnumerable<string> fields = Enumerable.Range(0, 501).Select(i => $$$"""{"name":"f{{{i}}}","type":{"type":"fixed","name":"F{{{i}}}","size":1}}""");
        string json = $$"""{"type":"record","name":"R","fields":[{{string.Join(',', fields)}}]}""";
        Assert.Contains("more than 500 types", Assert.Throws<AvroException>(() => AvroSchema.Parse(json)).Message, StringComparison.Ordinal);
    }
}
