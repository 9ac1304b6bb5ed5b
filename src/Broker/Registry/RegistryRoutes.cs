using System.Text.Json.Nodes;

namespace Assay.Broker.Registry;

/// <summary>A request to the registry.</summary>
/// <param name="Path">The path's parts, unescaped.</param>
/// <param name="Query">A query parameter's value; null where it is missing.</param>
internal sealed record RegistryRequest(string Method, string[] Path, Func<string, string?> Query, byte[] Body)
{
    public bool Flag(string name) => bool.TryParse(Query(name), out bool value) && value;

    public JsonObject Json() => RegistryJson.Body(Body);
}

/// <summary>
/// Confluent's REST API, version 1 (https://docs.confluent.io/platform/current/schema-registry/develop/api.html): which method on which path does what.
/// </summary>
internal sealed class RegistryRoutes(SchemaRegistry registry, string clusterId)
{
    /// <summary>The answer's JSON.</summary>
    /// <exception cref="RegistryException">The answer is an error.</exception>
    public JsonNode Answer(RegistryRequest request) => request.Path switch
    {
        [] => Get(request, () => new JsonObject()),
        ["schemas", ..] => Schemas(request),
        ["subjects", ..] => Subjects(request),
        ["compatibility", "subjects", string subject, "versions", .. var version] when version.Length <= 1 => Compatibility(request, subject, version.FirstOrDefault()),
        ["config"] => Config(request, null),
        ["config", string subject] => Config(request, subject),
        ["mode"] => Mode(request, null),
        ["mode", string subject] => Mode(request, subject),
        ["contexts"] => Get(request, () => RegistryJson.Of(["."])),
        ["v1", "metadata", "id"] => Get(request, () => new JsonObject
        {
            ["scope"] = new JsonObject { ["path"] = new JsonArray(), ["clusters"] = new JsonObject { ["kafka-cluster"] = clusterId, ["schema-registry-cluster"] = "schema-registry" } },
            ["id"] = "",
        }),
        _ => throw RegistryException.NotFound(),
    };

    private static JsonNode Get(RegistryRequest request, Func<JsonNode> answer) => request.Method == "GET" ? answer() : throw RegistryException.MethodNotAllowed();

    private JsonNode Schemas(RegistryRequest request) => request.Path switch
    {
        ["schemas"] => Get(request, () => new JsonArray([.. registry
            .Schemas(request.Query("subjectPrefix") ?? "", request.Flag("deleted"), request.Flag("latestOnly")).Select(RegistryJson.Of)])),
        ["schemas", "types"] => Get(request, () => RegistryJson.Of(["AVRO"])),
        ["schemas", "ids", string id] => Get(request, () => ById(id, request)),
        ["schemas", "ids", string id, "schema"] => Get(request, () => JsonNode.Parse(WithId(id, request)[0].Schema)!),
        ["schemas", "ids", string id, "subjects"] => Get(request, () => RegistryJson.Of(Shown(id, request).Select(version => version.Subject).Distinct())),
        ["schemas", "ids", string id, "versions"] => Get(request, () => new JsonArray([.. Shown(id, request)
            .Select(version => new JsonObject { ["subject"] = version.Subject, ["version"] = version.Version })])),
        _ => throw RegistryException.NotFound(),
    };

    private JsonObject ById(string id, RegistryRequest request)
    {
        SchemaVersion version = WithId(id, request)[0];
        JsonObject answer = new() { ["schema"] = version.Schema };
        if (version.References.Count > 0)
            answer["references"] = RegistryJson.Of(version.References);
        return answer;
    }

    private IReadOnlyList<SchemaVersion> WithId(string id, RegistryRequest request)
    {
        IReadOnlyList<SchemaVersion> versions = registry.WithId(int.TryParse(id, out int number) ? number : throw RegistryException.NotFound());
        if (request.Query("subject") is not { Length: > 0 } subject)
            return versions;
        IReadOnlyList<SchemaVersion> own = [.. versions.Where(version => version.Subject == subject)];
        return own.Count > 0 ? own : throw RegistryException.SchemaNotFound(number);
    }

    private IEnumerable<SchemaVersion> Shown(string id, RegistryRequest request) => WithId(id, request).Where(version => !version.Deleted || request.Flag("deleted"));

    private JsonNode Subjects(RegistryRequest request) => (request.Method, request.Path) switch
    {
        ("GET", ["subjects"]) => RegistryJson.Of(registry.Subjects(request.Query("subjectPrefix") ?? "", request.Flag("deleted"), request.Flag("deletedOnly"))),
        ("POST", ["subjects", string subject]) => RegistryJson.Of(
            registry.Lookup(subject, RegistryJson.Input(request.Json()), request.Flag("normalize"), request.Flag("deleted"))),
        ("DELETE", ["subjects", string subject]) => RegistryJson.Of(registry.DeleteSubject(subject, request.Flag("permanent"))),
        ("GET", ["subjects", string subject, "versions"]) => RegistryJson.Of(registry.Versions(subject, request.Flag("deleted")).Select(version => version.Version)),
        ("POST", ["subjects", string subject, "versions"]) => new JsonObject
        {
            ["id"] = registry.Register(subject, RegistryJson.Input(request.Json()), request.Flag("normalize")),
        },
        ("GET", ["subjects", string subject, "versions", string version]) => RegistryJson.Of(registry.Version(subject, version, request.Flag("deleted"))),
        ("DELETE", ["subjects", string subject, "versions", string version]) => JsonValue.Create(registry.DeleteVersion(subject, version, request.Flag("permanent"))),
        ("GET", ["subjects", string subject, "versions", string version, "schema"]) => JsonNode.Parse(registry.Version(subject, version, request.Flag("deleted")).Schema)!,
        ("GET", ["subjects", string subject, "versions", string version, "referencedby"]) => RegistryJson.Of(registry.ReferencedBy(subject, version)),
        (_, ["subjects"] or ["subjects", _] or ["subjects", _, "versions"] or ["subjects", _, "versions", _]) => throw RegistryException.MethodNotAllowed(),
        _ => throw RegistryException.NotFound(),
    };

    private JsonObject Compatibility(RegistryRequest request, string subject, string? version)
    {
        if (request.Method != "POST")
            throw RegistryException.MethodNotAllowed();
        IReadOnlyList<string> problems = registry.Problems(subject, version, RegistryJson.Input(request.Json()), request.Flag("normalize"));
        JsonObject answer = new() { ["is_compatible"] = problems.Count == 0 };
        if (request.Flag("verbose"))
            answer["messages"] = RegistryJson.Of(problems);
        return answer;
    }

    private JsonObject Config(RegistryRequest request, string? subject)
    {
        switch (request.Method)
        {
            case "GET":
                CompatibilityLevel level = registry.Level(subject, request.Flag("defaultToGlobal")) ?? throw RegistryException.NoSubjectConfig(subject!);
                return new JsonObject { ["compatibilityLevel"] = level.Name };
            case "PUT":
                CompatibilityLevel wanted = CompatibilityLevel.Parse(Text(request.Json(), "compatibility"));
                registry.SetLevel(subject, wanted);
                return new JsonObject { ["compatibility"] = wanted.Name };
            case "DELETE":
                return new JsonObject { ["compatibilityLevel"] = registry.DeleteLevel(subject).Name };
            default:
                throw RegistryException.MethodNotAllowed();
        }
    }

    private JsonObject Mode(RegistryRequest request, string? subject)
    {
        switch (request.Method)
        {
            case "GET":
                return new JsonObject { ["mode"] = registry.Mode(subject, request.Flag("defaultToGlobal")) ?? throw RegistryException.NoSubjectMode(subject!) };
            case "PUT":
                string wanted = Modes.Parse(Text(request.Json(), "mode"));
                registry.SetMode(subject, wanted, request.Flag("force"));
                return new JsonObject { ["mode"] = wanted };
            case "DELETE" when subject is not null:
                return new JsonObject { ["mode"] = registry.DeleteMode(subject) };
            default:
                throw RegistryException.MethodNotAllowed();
        }
    }

    private static string? Text(JsonObject body, string name) => body[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
