using System.Net;
using System.Text.Json.Nodes;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Registry;

/// <summary>The rules of Confluent's API reference beyond what every day needs: modes, settings, references, deletion, what is listed how. Each test has subjects of its own.</summary>
public sealed class RegistryRulesTests : IAsyncLifetime
{
    private const string Point = """{"type":"record","name":"Point","namespace":"geo","fields":[{"name":"x","type":"int"}]}""";
    private const string PointWithY = """{"type":"record","name":"Point","namespace":"geo","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}""";
    private const string PointWithDefaultY = """{"type":"record","name":"Point","namespace":"geo","fields":[{"name":"x","type":"int"},{"name":"y","type":"int","default":0}]}""";
    private const string Line = """{"type":"record","name":"Line","namespace":"geo","fields":[{"name":"from","type":"Point"},{"name":"to","type":"geo.Point"}]}""";

    private KafkaBroker _broker = null!;
    private RegistryHttp _registry = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { RegistryPort = 0 }, ct: Ct);
        _registry = new RegistryHttp(_broker.RegistryUrl!);
    }

    public async ValueTask DisposeAsync()
    {
        _registry.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Incompatible_schema_is_refused_with_what_where_and_since_which_version()
    {
        await _registry.Put("config/p", """{"compatibility":"BACKWARD_TRANSITIVE"}""");
        await _registry.Post("subjects/p/versions", Point);
        await _registry.Post("subjects/p/versions", PointWithDefaultY);

        string refused = await _registry.Refused(409, 409, HttpMethod.Post, "subjects/p/versions", RegistryHttp.Body(PointWithY));
        JsonNode verbose = JsonNode.Parse(await _registry.Post("compatibility/subjects/p/versions?verbose=true", PointWithY))!;
        string? invalid = (string?)JsonNode.Parse(await _registry.Post("compatibility/subjects/p/versions/1?verbose=true", "{"))!["messages"]![0];

        Assert.Contains("geo.Point.y: the writer has no such field and the reader no default for it.", refused, StringComparison.Ordinal);
        Assert.Contains("{oldSchemaVersion: 1}", refused, StringComparison.Ordinal);
        Assert.Contains("compatibility: 'BACKWARD_TRANSITIVE'", refused, StringComparison.Ordinal);
        Assert.False(verbose["is_compatible"]!.GetValue<bool>());
        Assert.Equal(refused, $"Schema being registered is incompatible with an earlier schema for subject \"p\", details: [{string.Join(", ", verbose["messages"]!.AsArray())}]");
        Assert.Contains("Invalid schema", invalid, StringComparison.Ordinal);
        // Only the latest counts where the level is not transitive; one version alone where it is named.
        Assert.Equal("""{"is_compatible":true}""", await _registry.Post("compatibility/subjects/p/versions/2", PointWithY));
        await _registry.Put("config/p", """{"compatibility":"BACKWARD"}""");
        Assert.Equal("""{"is_compatible":true}""", await _registry.Post("compatibility/subjects/p/versions", PointWithY));
        Assert.Equal("""{"is_compatible":false}""", await _registry.Post("compatibility/subjects/p/versions/1", PointWithY));
        Assert.Equal("""{"is_compatible":true}""", await _registry.Post("compatibility/subjects/nowhere/versions/latest", PointWithY));
        await _registry.Refused(404, 40402, HttpMethod.Post, "compatibility/subjects/nowhere/versions/1", RegistryHttp.Body(PointWithY));
        await _registry.Refused(422, 42202, HttpMethod.Post, "compatibility/subjects/p/versions/zero", RegistryHttp.Body(PointWithY));
    }

    [Theory]
    [InlineData("FORWARD_TRANSITIVE", false)]
    [InlineData("FORWARD", true)]
    public async Task Forward_level_asks_whether_earlier_readers_can_read_on(string level, bool taken)
    {
        // Version 1 needs x, version 2 has a default for it: without x, only version 2's readers can go on.
        await _registry.Post("subjects/p/versions", Point);
        await _registry.Post("subjects/p/versions", Point.Replace("\"int\"}", "\"int\",\"default\":0}", StringComparison.Ordinal));
        await _registry.Put("config/p", $$"""{"compatibility":"{{level}}"}""");

        JsonNode answer = JsonNode.Parse(await _registry.Post("compatibility/subjects/p/versions", """{"type":"record","name":"Point","namespace":"geo","fields":[]}"""))!;

        Assert.Equal(taken, answer["is_compatible"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Settings_of_a_subject_stand_before_the_global_ones_until_they_are_taken_back()
    {
        Assert.Equal("""{"compatibilityLevel":"BACKWARD"}""", await _registry.Get("config"));
        Assert.Equal("""{"compatibility":"FULL"}""", await _registry.Put("config/s", """{"compatibility":"full"}"""));
        Assert.Equal("""{"normalize":true}""", await _registry.Put("config/s", """{"normalize":true}"""));
        Assert.Equal("""{"compatibilityLevel":"FULL","normalize":true}""", await _registry.Get("config/s"));
        Assert.Equal("""{"compatibility":"NONE"}""", await _registry.Put("config", """{"compatibility":"NONE"}"""));
        await _registry.Refused(404, 40408, HttpMethod.Get, "config/other");
        Assert.Equal("""{"compatibilityLevel":"NONE"}""", await _registry.Get("config/other?defaultToGlobal=true"));
        Assert.Equal("""{"compatibilityLevel":"FULL","normalize":true}""", await _registry.Delete("config/s"));
        await _registry.Refused(404, 40401, HttpMethod.Delete, "config/s");
        Assert.Equal("""{"compatibilityLevel":"NONE"}""", await _registry.Delete("config"));
        Assert.Equal("""{"compatibilityLevel":"BACKWARD"}""", await _registry.Get("config"));
        Assert.Contains("alias", await _registry.Refused(400, 400, HttpMethod.Put, "config/s", """{"alias":"t"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Modes_decide_who_may_write_and_importing_keeps_ids()
    {
        await _registry.Post("subjects/kept/versions", Point);
        Assert.Equal("""{"mode":"READWRITE"}""", await _registry.Get("mode"));
        await _registry.Refused(404, 40409, HttpMethod.Get, "mode/kept");
        Assert.Equal("""{"mode":"READONLY"}""", await _registry.Put("mode/kept", """{"mode":"READONLY"}"""));
        Assert.Equal("""{"id":1}""", await _registry.Post("subjects/kept/versions", Point));
        foreach ((HttpMethod method, string path, string? body) in new[]
        {
            (HttpMethod.Post, "subjects/kept/versions", RegistryHttp.Body(PointWithDefaultY)), (HttpMethod.Delete, "subjects/kept", null),
            (HttpMethod.Delete, "subjects/kept/versions/1", null), (HttpMethod.Put, "config/kept", """{"compatibility":"FULL"}"""),
        })
            Assert.Contains("read-only", await _registry.Refused(422, 42205, method, path, body), StringComparison.Ordinal);
        Assert.Equal("""{"mode":"READONLY"}""", await _registry.Delete("mode/kept"));
        await _registry.Refused(404, 40401, HttpMethod.Delete, "mode/kept");

        await _registry.Refused(422, 42205, HttpMethod.Put, "mode/kept", """{"mode":"IMPORT"}""");
        await _registry.Refused(422, 42205, HttpMethod.Post, "subjects/copied/versions", """{"schema":"\"string\"","id":40,"version":7}""");
        await _registry.Put("mode/copied", """{"mode":"IMPORT"}""");
        for (int twice = 0; twice < 2; twice++)
            Assert.Equal("""{"id":40}""", await _registry.Send(HttpMethod.Post, "subjects/copied/versions", """{"schema":"\"string\"","id":40,"version":7}"""));
        Assert.Equal("[7]", await _registry.Get("subjects/copied/versions"));
        await _registry.Refused(422, 42205, HttpMethod.Post, "subjects/copied/versions", """{"schema":"\"long\"","id":40,"version":8}""");
        await _registry.Refused(422, 42205, HttpMethod.Post, "subjects/copied/versions", RegistryHttp.Body("\"long\""));
        await _registry.Put("mode/copied", """{"mode":"READWRITE"}""");
        Assert.Equal("""{"id":41}""", await _registry.Post("subjects/other/versions", "\"bytes\""));
        await _registry.Refused(422, 42201, HttpMethod.Post, "subjects/copied/versions", """{"schema":"\"string\"","version":9}""");

        await _registry.Put("mode", """{"mode":"READONLY_OVERRIDE"}""");
        await _registry.Refused(422, 42205, HttpMethod.Post, "subjects/copied/versions", RegistryHttp.Body("\"bytes\""));
        Assert.Equal("""{"mode":"READONLY_OVERRIDE"}""", await _registry.Delete("mode"));
        Assert.Equal("""{"mode":"READWRITE"}""", await _registry.Get("mode/kept?defaultToGlobal=true"));
    }

    [Fact]
    public async Task Importing_anew_begins_without_what_was_soft_deleted()
    {
        await _registry.Post("subjects/moved/versions", Point);
        await _registry.Delete("subjects/moved");

        await _registry.Put("mode/moved", """{"mode":"IMPORT"}""");

        Assert.Equal("""{"id":1}""", await _registry.Send(HttpMethod.Post, "subjects/moved/versions", """{"schema":"\"string\"","id":1,"version":1}"""));
    }

    [Fact]
    public async Task Deleted_version_is_never_the_latest_and_leaves_nothing_once_it_is_registered_again()
    {
        await _registry.Post("subjects/s/versions", Point);
        await _registry.Post("subjects/s/versions", PointWithDefaultY);
        Assert.Equal("2", await _registry.Delete("subjects/s/versions/latest"));
        Assert.Equal(1, (int)JsonNode.Parse(await _registry.Get("subjects/s/versions/latest?deleted=true"))!["version"]!);
        Assert.Equal("[2]", await _registry.Get("subjects/s/versions?deletedOnly=true"));
        await _registry.Refused(404, 40402, HttpMethod.Get, "subjects/s/versions/2");
        await _registry.Refused(404, 40407, HttpMethod.Delete, "subjects/s/versions/1?permanent=true");

        Assert.Equal("""{"id":2}""", await _registry.Post("subjects/s/versions", PointWithDefaultY));
        Assert.Equal("[1,3]", await _registry.Get("subjects/s/versions?deleted=true"));

        await _registry.Put("config/s", """{"compatibility":"NONE"}""");
        Assert.Equal("[1,3]", await _registry.Delete("subjects/s"));
        await _registry.Refused(404, 40404, HttpMethod.Delete, "subjects/s");
        Assert.Equal("""["s"]""", await _registry.Get("subjects?deletedOnly=true"));
        Assert.Equal("""{"compatibilityLevel":"NONE"}""", await _registry.Get("config/s"));
        Assert.Equal("[1,3]", await _registry.Delete("subjects/s?permanent=true"));
        await _registry.Refused(404, 40408, HttpMethod.Get, "config/s");
    }

    [Fact]
    public async Task References_are_kept_found_both_ways_and_protect_what_they_need()
    {
        await _registry.Post("subjects/point/versions", Point);
        string body = RegistryHttp.Body(Line, ("geo.Point", "point", -1));

        Assert.Equal("""{"id":2}""", await _registry.Send(HttpMethod.Post, "subjects/line/versions", body));
        string resolved = (string)JsonNode.Parse(await _registry.Get("schemas/ids/2?format=resolved"))!["schema"]!;

        Assert.Equal("""[{"name":"geo.Point","subject":"point","version":1}]""", JsonNode.Parse(await _registry.Get("subjects/line/versions/1"))!["references"]!.ToJsonString());
        Assert.Contains("\"x\"", resolved, StringComparison.Ordinal);
        Assert.Equal(1, (int)JsonNode.Parse(await _registry.Post("subjects/line", resolved))!["version"]!);
        Assert.Equal("""{"id":2}""", await _registry.Post("subjects/line/versions", resolved));
        await _registry.Refused(422, 42206, HttpMethod.Delete, "subjects/point/versions/1");
        await _registry.Delete("subjects/line");
        Assert.Equal("[]", await _registry.Get("subjects/point/versions/1/referencedby"));
        Assert.Equal("[2]", await _registry.Get("subjects/point/versions/1/referencedby?deleted=true"));
        await _registry.Delete("subjects/point");
        await _registry.Refused(422, 42206, HttpMethod.Delete, "subjects/point?permanent=true");
        await _registry.Refused(422, 42201, HttpMethod.Post, "subjects/line2/versions", RegistryHttp.Body(Line, ("geo.Point", "point", 2)));
    }

    [Fact]
    public async Task Schemas_that_mean_the_same_are_one_and_normalizing_keeps_what_Avro_does_not_define()
    {
        string spelled = """{"name":"geo.Point","type":"record","fields":[{"type":{"type":"int"},"name":"x","unit":{"b":1,"a":2}}]}""";
        Assert.Equal("""{"id":1}""", await _registry.Post("subjects/s/versions?normalize=true", spelled));

        Assert.Equal("""{"fields":[{"name":"x","type":"int","unit":{"a":2,"b":1}}],"name":"geo.Point","type":"record"}""", await _registry.Get("schemas/ids/1/schema"));
        Assert.Equal("""{"id":1}""", await _registry.Post(
            "subjects/t/versions", """{"type":"record","namespace":"geo","name":"Point","fields":[{"name":"x","unit":{"a":2,"b":1},"type":"int"}]}"""));
        Assert.Equal("""{"id":2}""", await _registry.Post("subjects/u/versions", Point));
    }

    [Fact]
    public async Task Lists_are_cut_to_what_was_asked_for()
    {
        await _registry.Post("subjects/a-1/versions", Point);
        await _registry.Post("subjects/a-1/versions", PointWithDefaultY);
        await _registry.Post("subjects/a-2/versions", Point);
        await _registry.Post("subjects/b/versions", "\"string\"");

        Assert.Equal("""["a-1","a-2"]""", await _registry.Get("subjects?subjectPrefix=a"));
        Assert.Equal("""["a-1","a-2","b"]""", await _registry.Get("subjects?subjectPrefix=%3A*%3A"));
        Assert.Equal("""["a-2"]""", await _registry.Get("subjects?offset=1&limit=1"));
        Assert.Equal([("a-1", 2), ("a-2", 1)], JsonNode.Parse(await _registry.Get("schemas?subjectPrefix=a&latestOnly=true"))!.AsArray().Select(each => ((string)each!["subject"]!, (int)each["version"]!)));
        Assert.Equal("""["a-1","a-2"]""", await _registry.Get("schemas/ids/1/subjects"));
        Assert.Equal(Point, (string?)JsonNode.Parse(await _registry.Get("schemas/ids/1?subject=b"))!["schema"]);
        Assert.Equal(3, (int)JsonNode.Parse(await _registry.Get("schemas/ids/1?fetchMaxId=true"))!["maxId"]!);
        Assert.Equal("""["AVRO"]""", await _registry.Get("schemas/types"));
        Assert.Equal("""["."]""", await _registry.Get("contexts"));
        Assert.NotNull(JsonNode.Parse(await _registry.Get("v1/metadata/id"))!["scope"]!["clusters"]!["kafka-cluster"]);
        Assert.Equal("{}", await _registry.Get(""));
        await _registry.Refused(422, 42208, HttpMethod.Post, "subjects/%3A.other%3As/versions", RegistryHttp.Body(Point));
        await _registry.Refused(422, 42208, HttpMethod.Post, "subjects/__GLOBAL/versions", RegistryHttp.Body(Point));
        await _registry.Refused(422, 42201, HttpMethod.Post, "subjects/s/versions", """{"schema":"syntax = 1","schemaType":"PROTOBUF"}""");
        await _registry.Refused(422, 42201, HttpMethod.Post, "subjects/s/versions", """{"schema":"\"int\"","metadata":{"properties":{"owner":"us"}}}""");
    }

    [Theory]
    [InlineData("application/json", "application/json", 200, "application/json")]
    [InlineData("application/octet-stream", "application/json, text/plain, */*", 200, "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/vnd.schemaregistry+json", "application/vnd.schemaregistry+json, application/json;q=0.5", 200, "application/vnd.schemaregistry+json")]
    [InlineData("", "application/*", 200, "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/x-www-form-urlencoded", "*/*", 415, "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/json", "text/html", 406, "application/vnd.schemaregistry.v1+json")]
    public async Task Content_types_are_Confluents(string sent, string accept, int status, string answered)
    {
        (HttpStatusCode got, _, string? type) = await _registry.AskAsync(HttpMethod.Post, "subjects/s/versions", RegistryHttp.Body(Point), sent, accept);

        Assert.Equal((status, answered), ((int)got, type));
    }
}
