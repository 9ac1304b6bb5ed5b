using System.Text.Json;
using System.Text.Json.Nodes;

namespace Assay.Broker.Registry;

/// <summary>The registry's requests and answers as JSON.</summary>
internal static class RegistryJson
{
    private const string Avro = "AVRO";

    /// <summary>The body of a request that carries a schema.</summary>
    /// <exception cref="RegistryException">It is not that, or the schema is not Avro.</exception>
    public static SchemaInput Input(JsonObject body)
    {
        try
        {
            string type = body["schemaType"]?.GetValue<string>() ?? Avro;
            if (type != Avro)
                throw RegistryException.InvalidSchema($"Invalid schema type {type}: this registry keeps Avro schemas");
            string schema = body["schema"]?.GetValue<string>() ?? "";
            if (schema.Length == 0)
                throw RegistryException.InvalidSchema("Empty schema");
            if (body["metadata"] is not null || body["ruleSet"] is JsonObject { Count: > 0 })
                throw RegistryException.InvalidSchema("This registry keeps no metadata and no rule sets: leave them out");
            return new SchemaInput(schema, References(body), Positive(body["id"]), Positive(body["version"]));
        }
        catch (Exception mistyped) when (mistyped is InvalidOperationException or FormatException)
        {
            throw RegistryException.BadRequest("A member of the request has the wrong type: schema and schemaType are strings, references a list of name, subject and version.");
        }
    }

    public static IReadOnlyList<SchemaReference> References(JsonObject from) => from["references"] is not JsonArray references
        ? []
        : [.. references.OfType<JsonObject>().Select(reference => new SchemaReference(
            reference["name"]?.GetValue<string>() ?? "", reference["subject"]?.GetValue<string>() ?? "", reference["version"]?.GetValue<int>() ?? -1))];

    public static JsonArray Of(IEnumerable<SchemaReference> references) => new([.. references.Select(reference =>
        new JsonObject { ["name"] = reference.Name, ["subject"] = reference.Subject, ["version"] = reference.Version })]);

    /// <summary>A version as the registry shows it; Avro is the type where none is named.</summary>
    public static JsonObject Of(SchemaVersion version)
    {
        JsonObject shown = new() { ["subject"] = version.Subject, ["version"] = version.Version, ["id"] = version.Id };
        if (version.References.Count > 0)
            shown["references"] = Of(version.References);
        shown["schema"] = version.Schema;
        return shown;
    }

    public static JsonArray Of(IEnumerable<int> numbers) => new([.. numbers.Select(number => JsonValue.Create(number))]);

    public static JsonArray Of(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    /// <summary>A request's body as an object.</summary>
    /// <exception cref="RegistryException">It is not one.</exception>
    public static JsonObject Body(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes) as JsonObject ?? throw RegistryException.BadRequest("The request's body must be a JSON object.");
        }
        catch (JsonException mistake)
        {
            throw RegistryException.BadRequest($"The request's body is not JSON: {mistake.Message}");
        }
    }

    /// <summary>The body of a request that sets compatibility.</summary>
    /// <exception cref="RegistryException">It sets something that this registry does not have.</exception>
    public static SubjectConfig Config(JsonObject body)
    {
        if (body.FirstOrDefault(member => member.Value is not null && member.Key is not ("compatibility" or "normalize")).Key is { } other)
            throw RegistryException.BadRequest($"This registry has no setting {other}: it keeps compatibility and normalize.");
        try
        {
            return new SubjectConfig(body["compatibility"] is { } level ? CompatibilityLevel.Parse(level.GetValue<string>()) : null, body["normalize"]?.GetValue<bool>());
        }
        catch (InvalidOperationException)
        {
            throw RegistryException.BadRequest("A member of the request has the wrong type: compatibility is a string, normalize true or false.");
        }
    }

    private static int? Positive(JsonNode? node) => node?.GetValue<int>() is > 0 and var number ? number : null;
}
