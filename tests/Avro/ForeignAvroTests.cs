using System.Text.Json.Nodes;
using Assay.Avro.Tests.Support;

namespace Assay.Avro.Tests;

/// <summary>Random schemas and values against implementations that are not ours, in both directions: npm's avsc, Apache Avro for Java.</summary>
public sealed class ForeignAvroTests
{
    private const int Schemas = 150;
    private const int ValuesOfEach = 3;

    private static readonly int Seed = Random.Shared.Next();

    [Fact]
    public async Task Avsc_and_we_read_what_the_other_wrote()
    {
        List<Case> cases = Cases();
        List<JsonNode> answers = await ForeignAvro.NodeAsync(cases.Select(one => one.Question()));
        Assert.Equal(cases.Count, answers.Count);
        foreach ((Case one, JsonNode answer) in cases.Zip(answers))
        {
            one.ExpectRead(answer);
            one.ExpectOwn(answer);
        }
    }

    [Fact]
    public async Task Apache_Avro_and_we_read_what_the_other_wrote()
    {
        List<Case> cases = Cases();
        List<JsonNode> answers = await ForeignAvro.JavaAsync(cases.Select(one => one.Question()));
        Assert.Equal(cases.Count, answers.Count);
        foreach ((Case one, JsonNode answer) in cases.Zip(answers))
        {
            one.ExpectRead(answer);
            one.ExpectOwn(answer);
            Assert.Equal((string?)answer["canonical"], one.Schema.ToCanonicalForm());
            Assert.Equal((string?)answer["crc64"], $"{one.Schema.Fingerprint()}");
            Assert.Equal((string?)answer["md5"], Convert.ToHexStringLower(one.Schema.FingerprintMd5()));
            Assert.Equal((string?)answer["sha256"], Convert.ToHexStringLower(one.Schema.FingerprintSha256()));
        }
    }

    [Fact]
    public async Task Apache_Avro_and_we_resolve_alike()
    {
        List<Case> cases = Cases(evolved: true);
        List<JsonNode> answers = await ForeignAvro.JavaAsync(cases.Select(one => one.Question()));
        Assert.Equal(cases.Count, answers.Count);
        Assert.Contains(cases, one => SchemaCompatibility.Check(one.Reader, one.Schema).Count > 0);
        Assert.Contains(cases, one => SchemaCompatibility.Check(one.Reader, one.Schema).Count == 0);
        foreach ((Case one, JsonNode answer) in cases.Zip(answers))
        {
            IReadOnlyList<string> incompatible = SchemaCompatibility.Check(one.Reader, one.Schema);
            Assert.True((bool)answer["compatible"]! == (incompatible.Count == 0), $"{one}\nApache: {answer["compatible"]}, we: {string.Join("; ", incompatible)}");
            one.ExpectResolved(answer, compatible: incompatible.Count == 0);
        }
    }

    private static List<Case> Cases(bool evolved = false)
    {
        List<Case> cases = [];
        for (int seed = Seed; cases.Count < Schemas; seed++)
        {
            RandomData random = new(seed);
            JsonObject json = random.Schema();
            AvroSchema writer = AvroSchema.Parse(json.ToJsonString());
            if ((evolved ? TryParse(new Evolution(seed).Evolve(json)) : writer) is not { } reader)
                continue;
            cases.Add(new Case(seed, writer, reader, random.MayRecur ? 0 : 2, [.. Enumerable.Range(0, ValuesOfEach).Select(_ => random.Value(writer))]));
        }
        return cases;
    }

    /// <summary>Null where the evolution dropped a type that something else names.</summary>
    private static AvroSchema? TryParse(JsonObject json)
    {
        try
        {
            return AvroSchema.Parse(json.ToJsonString());
        }
        catch (AvroException)
        {
            return null;
        }
    }

    private sealed record Case(int Seed, AvroSchema Schema, AvroSchema Reader, int Own, object?[] Values)
    {
        public JsonObject Question()
        {
            JsonObject question = new() { ["schema"] = Schema.ToString() };
            if (Reader != Schema)
                question["reader"] = Reader.ToString();
            question["values"] = new JsonArray([.. Values.Select(value => JsonValue.Create(Convert.ToHexString(Datum.Encode(Schema, value))))]);
            question["own"] = Own;
            return question;
        }

        /// <summary>They understand our bytes as we do, and write them again as we wrote them.</summary>
        public void ExpectRead(JsonNode answer)
        {
            foreach ((object? value, JsonNode? read) in Values.Zip(answer["read"]!.AsArray()))
            {
                Assert.True(read!["hex"] is not null, $"{this}\n{read}");
                Same(value, Datum.FromJson(Schema, JsonNode.Parse((string)read["json"]!), isDefault: false));
                Same(value, Datum.Decode(Bytes(read), Schema));
            }
        }

        /// <summary>We understand their bytes as they do.</summary>
        public void ExpectOwn(JsonNode answer)
        {
            foreach (JsonNode? own in answer["own"]!.AsArray())
                Same(Datum.FromJson(Schema, JsonNode.Parse((string)own!["json"]!), isDefault: false), Datum.Decode(Bytes(own), Schema));
        }

        /// <summary>Both of us read our bytes with the reader's schema, to the same value; or neither can.</summary>
        /// <remarks>Of incompatible schemas Java still reads values that happen to miss the part in question, such as an empty array of it; we refuse at once.</remarks>
        public void ExpectResolved(JsonNode answer, bool compatible)
        {
            foreach ((object? value, JsonNode? read) in Values.Zip(answer["read"]!.AsArray()))
            {
                // Bytes that become a string need not be UTF-8; Java does not look.
                string theirs = read!["hex"] is null ? "error" : Resolved(Bytes(read), Reader, out _);
                string ours = Resolved(Datum.Encode(Schema, value), Schema, out string error);
                Assert.True(theirs == ours || (!compatible && ours == "error"), $"{this}\nvalue:  {Datum.Describe(value)}\ntheirs: {theirs} {read["error"]}\nours:   {ours} {error}");
            }
        }

        public override string ToString() => $"Seed {Seed}, schema {Schema}{(Reader == Schema ? "" : $"\nreader {Reader}")}";

        private string Resolved(byte[] data, AvroSchema writer, out string error)
        {
            error = "";
            try
            {
                return Datum.Describe(Datum.Decode(data, AvroReadPlan.Compile(writer, Reader)));
            }
            catch (AvroException mismatch)
            {
                error = mismatch.Message;
                return "error";
            }
        }

        private void Same(object? expected, object? actual)
        {
            (string left, string right) = (Datum.Describe(expected), Datum.Describe(actual));
            Assert.True(left == right, $"{this}\nexpected: {left}\nactual:   {right}");
        }

        private static byte[] Bytes(JsonNode answer) => Convert.FromHexString((string)answer["hex"]!);
    }
}
