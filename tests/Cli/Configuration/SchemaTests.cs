using System.Text.Json;
using System.Text.Json.Nodes;
using Assay.Cli.Configuration.Internal;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Assay.Cli.Tests.Configuration;

public sealed class SchemaTests
{
    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static Task<JsonSchema> Schema() => JsonSchema.FromFileAsync(Repository.File("assay.schema.json"), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Loader_and_schema_know_the_same_keys_and_kinds()
    {
        SortedDictionary<string, string> described = new(StringComparer.Ordinal);
        Describe(await Schema(), "", described);
        Assert.Equal(Known.ByLoader(), described);
    }

    [Fact]
    public async Task The_shipped_file_validates()
    {
        JsonNode shipped = JsonNode.Parse(await File.ReadAllTextAsync(Repository.File("assay.json"), TestContext.Current.CancellationToken), documentOptions: Relaxed)!;
        ICollection<ValidationError> errors = (await Schema()).Validate(shipped.ToJsonString());
        Assert.Empty(errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("""{ "kafka": { "bootstap": "a:1" } }""")]
    [InlineData("""{ "accuracy": { "window": "1 minute" } }""")]
    [InlineData("""{ "feeds": { "f": { "pair": "A-B", "chain": "c", "heartbeat": "1h", "deviation_threshold": 1 } } }""")]
    public async Task What_the_loader_refuses_the_schema_refuses(string json)
    {
        Assert.NotEmpty((await Schema()).Validate(json));
        Assert.NotEmpty(Configured.ProblemsOf(json));
    }

    [Fact]
    public async Task Durations_are_described_by_the_loaders_pattern() => Assert.Equal(DurationText.Pattern, (await Schema()).Definitions["duration"].Pattern);

    private static void Describe(JsonSchema schema, string path, SortedDictionary<string, string> found)
    {
        foreach ((string name, JsonSchemaProperty property) in schema.Properties)
        {
            JsonSchema actual = property.ActualSchema;
            string key = path + name;
            found[key] = Kind(actual);
            if (actual.AdditionalPropertiesSchema is { } named)
                Describe(named.ActualSchema, $"{key}.*.", found);
            else if (actual.Item is { } item)
                Describe(item.ActualSchema, $"{key}.*.", found);
            else
                Describe(actual, $"{key}.", found);
        }
    }

    /// <summary>The loader's word for what a schema describes.</summary>
    private static string Kind(JsonSchema schema)
    {
        if (schema.AdditionalPropertiesSchema is { } named)
            return named.ActualSchema.Type == JsonObjectType.String ? "texts" : "map";
        if (schema.Item is { } item)
            return item.ActualSchema.Type == JsonObjectType.String ? "strings" : "list";
        return schema.Type switch
        {
            JsonObjectType.Object => "object",
            JsonObjectType.Integer => "integer",
            JsonObjectType.Number => "number",
            _ => "string",
        };
    }
}
