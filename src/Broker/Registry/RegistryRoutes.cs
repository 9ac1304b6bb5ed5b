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
        [] => request.Method is "GET" or "POST" ? new JsonObject() : throw RegistryException.MethodNotAllowed(),
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
        ["schemas"] => Get(request, () => Page(request, registry
            .Schemas(Prefix(request), request.Flag("deleted"), request.Flag("latestOnly")).Select(RegistryJson.Of))),
        ["schemas", "types"] => Get(request, () => RegistryJson.Of(["AVRO"])),
        ["schemas", "ids", string id] => Get(request, () => ById(id, request)),
        ["schemas", "ids", string id, "schema"] => Get(request, () => JsonNode.Parse(Shown(WithId(id, request)[0], request))!),
        ["schemas", "ids", string id, "subjects"] => Get(request, () => Page(request, Visible(id, request).Select(version => JsonValue.Create(version.Subject)).DistinctBy(subject => subject.ToString()))),
        ["schemas", "ids", string id, "versions"] => Get(request, () => Page(request, Visible(id, request)
            .Select(version => new JsonObject { ["subject"] = version.Subject, ["version"] = version.Version }))),
        _ => throw RegistryException.NotFound(),
    };

    private JsonObject ById(string id, RegistryRequest request)
    {
        SchemaVersion version = WithId(id, request)[0];
        JsonObject answer = new() { ["schema"] = Shown(version, request) };
        if (version.References.Count > 0)
            answer["references"] = RegistryJson.Of(version.References);
        if (request.Flag("fetchMaxId"))
            answer["maxId"] = registry.LastId;
        return answer;
    }

    /// <summary>The versions that have an id; that of the subject which is named comes first, where there is one.</summary>
    private IReadOnlyList<SchemaVersion> WithId(string id, RegistryRequest request)
    {
        IReadOnlyList<SchemaVersion> versions = registry.WithId(int.TryParse(id, out int number) ? number : throw RegistryException.NotFound());
        return request.Query("subject") is { Length: > 0 } subject ? [.. versions.OrderBy(version => version.Subject != subject)] : versions;
    }

    private IEnumerable<SchemaVersion> Visible(string id, RegistryRequest request) => WithId(id, request).Where(version => !version.Deleted || request.Flag("deleted"));

    /// <summary>A schema's text in the format that is asked for: Avro has its own and <c>resolved</c>, with the types of its references.</summary>
    private string Shown(SchemaVersion version, RegistryRequest request) => request.Query("format") == "resolved" ? registry.Resolved(version) : version.Schema;

    private JsonObject Shown(RegistryRequest request, SchemaVersion version) => RegistryJson.Of(version with { Schema = Shown(version, request) });

    /// <summary>Part of a list, by <c>offset</c> and <c>limit</c>.</summary>
    private static JsonArray Page(RegistryRequest request, IEnumerable<JsonNode> all)
    {
        int offset = int.TryParse(request.Query("offset"), out int from) ? from : 0;
        int limit = int.TryParse(request.Query("limit"), out int most) && most > 0 ? most : int.MaxValue;
        return new JsonArray([.. all.Skip(offset).Take(limit)]);
    }

    /// <summary>Subjects' prefix without the context: there is one, the default one, and <c>:*:</c> stands for all.</summary>
    private static string Prefix(RegistryRequest request) => request.Query("subjectPrefix") switch
    {
        null => "",
        string given when given.StartsWith(":*:", StringComparison.Ordinal) || given.StartsWith(":.:", StringComparison.Ordinal) => given[3..],
        string given => given,
    };

    private JsonNode Subjects(RegistryRequest request) => (request.Method, request.Path) switch
    {
        ("GET", ["subjects"]) => Page(request, registry
            .Subjects(Prefix(request), request.Flag("deleted"), request.Flag("deletedOnly")).Select(subject => JsonValue.Create(subject))),
        ("POST", ["subjects", string subject]) => Shown(
            request, registry.Lookup(subject, RegistryJson.Input(request.Json()), request.Flag("normalize"), request.Flag("deleted"))),
        ("DELETE", ["subjects", string subject]) => RegistryJson.Of(registry.DeleteSubject(subject, request.Flag("permanent"))),
        ("GET", ["subjects", string subject, "versions"]) => Page(request, registry.Versions(subject, request.Flag("deleted"), request.Flag("deletedOnly"))
            .Select(version => JsonValue.Create(version.Version))),
        ("POST", ["subjects", string subject, "versions"]) => new JsonObject
        {
            ["id"] = registry.Register(subject, RegistryJson.Input(request.Json()), request.Flag("normalize")),
        },
        ("GET", ["subjects", string subject, "versions", string version]) => Shown(request, registry.Version(subject, version, request.Flag("deleted"))),
        ("DELETE", ["subjects", string subject, "versions", string version]) => JsonValue.Create(registry.DeleteVersion(subject, version, request.Flag("permanent"))),
        ("GET", ["subjects", string subject, "versions", string version, "schema"]) => JsonNode.Parse(
            Shown(registry.Version(subject, version, request.Flag("deleted")), request))!,
        ("GET", ["subjects", string subject, "versions", string version, "referencedby"]) => RegistryJson.Of(registry.ReferencedBy(subject, version, request.Flag("deleted"))),
        (_, ["subjects"] or ["subjects", _] or ["subjects", _, "versions"] or ["subjects", _, "versions", _]) => throw RegistryException.MethodNotAllowed(),
        _ => throw RegistryException.NotFound(),
    };

    private JsonObject Compatibility(RegistryRequest request, string subject, string? version)
    {
        if (request.Method != "POST")
            throw RegistryException.MethodNotAllowed();
        IReadOnlyList<string> problems;
        try
        {
            problems = registry.Problems(subject, version, RegistryJson.Input(request.Json()), request.Flag("normalize"));
        }
        catch (RegistryException invalid) when (invalid.Code == RegistryException.InvalidSchemaCode && request.Flag("verbose"))
        {
            problems = [invalid.Message];
        }
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
                return (registry.Config(subject, request.Flag("defaultToGlobal")) ?? throw RegistryException.NoSubjectConfig(subject!)).ToJson();
            case "PUT":
                SubjectConfig wanted = RegistryJson.Config(request.Json());
                registry.SetConfig(subject, wanted);
                return wanted.ToJson("compatibility");
            case "DELETE":
                return registry.DeleteConfig(subject).ToJson();
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
            case "DELETE":
                return new JsonObject { ["mode"] = registry.DeleteMode(subject) };
            default:
                throw RegistryException.MethodNotAllowed();
        }
    }

    private static string? Text(JsonObject body, string name) => body[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
