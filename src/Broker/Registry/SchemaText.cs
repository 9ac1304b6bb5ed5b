using System.Text.Json;
using System.Text.Json.Nodes;
using Assay.Avro;

namespace Assay.Broker.Registry;

/// <summary>Schemas as text: what makes two the same, and how references become part of the schema that makes them.</summary>
internal static class SchemaText
{
    private static readonly string[] Named = ["record", "error", "enum", "fixed"];

    /// <summary>The schema's JSON without white space.</summary>
    /// <exception cref="RegistryException">It is not JSON.</exception>
    public static string Compact(string schema) => Parse(schema).ToJsonString(JsonText.Options);

    /// <summary>
    /// One spelling for all that mean the same: names in full, attributes in the order of their names, <c>{"type":"string"}</c> as <c>"string"</c>. Documentation and
    /// attributes that Avro does not define stay, for they tell schemas apart.
    /// </summary>
    public static string Normalize(string schema, IEnumerable<SchemaReference> references) =>
        Canonical(Parse(schema), "", [.. references.Select(reference => reference.Name)]).ToJsonString(JsonText.Options);

    /// <summary>Equal for schemas that mean the same and refer to the same.</summary>
    public static string Identity(string schema, IReadOnlyList<SchemaReference> references) =>
        Normalize(schema, references) + string.Concat(references.Select(reference => $"\n{reference.Name} {reference.Subject} {reference.Version}"));

    /// <summary>The schema with the types of its references in place of their first mention.</summary>
    public static string Resolve(string schema, IReadOnlyList<(SchemaReference Reference, string Schema)> references) => references.Count == 0
        ? schema
        : Inline(Parse(schema), "", references.ToDictionary(entry => entry.Reference.Name, entry => entry.Schema)).ToJsonString(JsonText.Options);

    /// <summary>The schema with the types of its references.</summary>
    /// <exception cref="RegistryException">It is not an Avro schema.</exception>
    public static AvroSchema ToAvro(string schema, IReadOnlyList<(SchemaReference Reference, string Schema)> references)
    {
        string resolved = Resolve(Compact(schema), references);
        try
        {
            return AvroSchema.Parse(resolved);
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

    /// <param name="known">The full names of the types that were seen before or are referred to.</param>
    private static JsonNode Canonical(JsonNode node, string space, HashSet<string> known)
    {
        switch (node)
        {
            case JsonValue value when value.TryGetValue(out string? name):
                return known.Contains(Full(name, space)) ? Full(name, space) : name;
            case JsonArray union:
                return new JsonArray([.. union.Select(branch => branch is null ? null : Canonical(branch, space, known))]);
            case JsonObject { Count: 1 } only when only["type"] is { } type:
                return Canonical(type, space, known);
            case JsonObject type:
                SortedDictionary<string, JsonNode?> spelled = new(StringComparer.Ordinal);
                if (Array.IndexOf(Named, Text(type["type"])) >= 0 && Text(type["name"]) is { } own)
                {
                    string full = Full(own, Text(type["namespace"]) ?? space);
                    string inside = Space(full);
                    known.Add(full);
                    spelled["name"] = full;
                    // A type outside of any namespace, within one: without this it would be taken for one of that.
                    if (inside.Length == 0 && space.Length > 0)
                        spelled["namespace"] = "";
                    if (type["aliases"] is JsonArray aliases)
                        spelled["aliases"] = new JsonArray([.. aliases.Select(alias => (JsonNode?)(Text(alias) is { } other ? Full(other, inside) : alias?.DeepClone()))]);
                    space = inside;
                }
                foreach ((string key, JsonNode? attribute) in type)
                {
                    if (spelled.ContainsKey(key) || (key == "namespace" && spelled.ContainsKey("name")))
                        continue;
                    spelled[key] = (key, attribute) switch
                    {
                        ("type" or "items" or "values", not null) => Canonical(attribute, space, known),
                        ("fields", JsonArray fields) => new JsonArray([.. fields.Select(field => field is JsonObject one ? Field(one, space, known) : field?.DeepClone())]),
                        _ => Ordered(attribute),
                    };
                }
                return new JsonObject(spelled);
            default:
                return node.DeepClone();
        }
    }

    private static JsonObject Field(JsonObject field, string space, HashSet<string> known) => new(field.OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => KeyValuePair.Create(entry.Key, entry is { Key: "type", Value: { } type } ? Canonical(type, space, known) : Ordered(entry.Value))));

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, Ordered(entry.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Ordered)]),
        _ => node?.DeepClone(),
    };

    /// <summary>Puts a referenced type's definition where a type is first named so; a short name is looked up in the enclosing namespace.</summary>
    private static JsonNode Inline(JsonNode node, string space, Dictionary<string, string> missing)
    {
        switch (node)
        {
            case JsonValue value when value.TryGetValue(out string? name):
                string? found = missing.ContainsKey(Full(name, space)) ? Full(name, space) : missing.ContainsKey(name) ? name : null;
                return found is not null && missing.Remove(found, out string? definition) ? OutsideOf(space, Inline(Parse(definition), "", missing)) : node.DeepClone();
            case JsonArray union:
                return new JsonArray([.. union.Select(branch => Inline(branch!, space, missing))]);
            case JsonObject type:
                string own = Text(type["namespace"]) ?? (Text(type["name"]) is { } dotted && Space(dotted) is { Length: > 0 } prefix ? prefix : space);
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

    /// <summary>A type without a namespace would be taken for one of the namespace that it is put into.</summary>
    private static JsonNode OutsideOf(string space, JsonNode type)
    {
        if (space.Length > 0 && type is JsonObject named && named["namespace"] is null && Text(named["name"]) is { } name && Space(name).Length == 0)
            named["namespace"] = "";
        return type;
    }

    private static string Full(string name, string space) => name.Contains('.', StringComparison.Ordinal) || space.Length == 0 ? name : $"{space}.{name}";

    private static string Space(string full) => full.LastIndexOf('.') is > 0 and var dot ? full[..dot] : "";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
