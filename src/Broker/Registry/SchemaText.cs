using System.Text.Json;
using System.Text.Json.Nodes;
using Assay.Avro;

namespace Assay.Broker.Registry;

/// <summary>Schemas as text: what makes two the same, and how references become part of the schema that makes them.</summary>
internal static class SchemaText
{
    /// <summary>The schema's JSON without white space.</summary>
    /// <exception cref="RegistryException">It is not JSON.</exception>
    public static string Compact(string schema) => Parse(schema).ToJsonString(JsonText.Options);

    /// <summary>The schema as Avro alone sees it, in one spelling: attributes that Avro does not define are gone.</summary>
    public static string Normalize(string schema, IReadOnlyList<(SchemaReference Reference, string Schema)> references) =>
        references.Count == 0 ? ToAvro(schema, references).ToString() : Compact(schema);

    /// <summary>One spelling of JSON for all orders of attributes; <c>{"type":"string"}</c> is the same as <c>"string"</c>.</summary>
    public static string Identity(string schema, IReadOnlyList<SchemaReference> references) =>
        Ordered(Parse(schema)).ToJsonString(JsonText.Options) + string.Concat(references.Select(reference => $"\n{reference.Name} {reference.Subject} {reference.Version}"));

    /// <summary>The schema with the types of its references in place of their first mention.</summary>
    /// <exception cref="RegistryException">It is not an Avro schema.</exception>
    public static AvroSchema ToAvro(string schema, IReadOnlyList<(SchemaReference Reference, string Schema)> references)
    {
        JsonNode node = Parse(schema);
        if (references.Count > 0)
        {
            Dictionary<string, string> missing = references.ToDictionary(entry => entry.Reference.Name, entry => entry.Schema);
            node = Inline(node, "", missing);
        }
        try
        {
            return AvroSchema.Parse(node.ToJsonString(JsonText.Options));
        }
        catch (AvroException mistake)
        {
            throw RegistryException.InvalidSchema(mistake.Message);
        }
    }

    private static JsonNode Parse(string schema)
    {
        try
        {
            return JsonNode.Parse(schema) ?? throw RegistryException.InvalidSchema("null is not a schema");
        }
        catch (JsonException mistake)
        {
            throw RegistryException.InvalidSchema(mistake.Message);
        }
    }

    private static JsonNode Ordered(JsonNode node) => node switch
    {
        JsonObject { Count: 1 } only when only["type"] is JsonValue type => type.DeepClone(),
        JsonObject attributes => new JsonObject(attributes.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Key, entry.Value is null ? null : Ordered(entry.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Ordered(item))]),
        _ => node.DeepClone(),
    };

    /// <summary>Puts a referenced type's definition where a type is first named so; a short name is looked up in the enclosing namespace.</summary>
    private static JsonNode Inline(JsonNode node, string space, Dictionary<string, string> missing)
    {
        switch (node)
        {
            case JsonValue value when value.TryGetValue(out string? name):
                string full = name.Contains('.', StringComparison.Ordinal) || space.Length == 0 ? name : $"{space}.{name}";
                string? found = missing.ContainsKey(full) ? full : missing.ContainsKey(name) ? name : null;
                return found is not null && missing.Remove(found, out string? definition) ? Inline(Parse(definition), "", missing) : node.DeepClone();
            case JsonArray union:
                return new JsonArray([.. union.Select(branch => Inline(branch!, space, missing))]);
            case JsonObject type:
                string own = Text(type["namespace"]) ?? (Text(type["name"]) is { } dotted && dotted.LastIndexOf('.') is > 0 and var dot ? dotted[..dot] : space);
                JsonObject copy = [];
                foreach ((string key, JsonNode? attribute) in type)
                    copy[key] = (key, attribute) switch
                    {
                        ("type" or "items" or "values", not null) => Inline(attribute, own, missing),
                        ("fields", JsonArray fields) => new JsonArray([.. fields.Select(field => Inline(field!, own, missing))]),
                        _ => attribute?.DeepClone(),
                    };
                return copy;
            default:
                return node.DeepClone();
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
