using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Assay.Avro;
using Assay.Avro.Registry;

namespace Assay.Broker.Tests.Registry;

/// <summary>The registry over HTTP, as Confluent's clients see it.</summary>
public sealed class SchemaRegistryTests : IAsyncLifetime
{
    private const string Point = """{"type":"record","name":"Point","fields":[{"name":"x","type":"int"}]}""";
    private const string PointWithDefault = """{"type":"record","name":"Point","fields":[{"name":"x","type":"int"},{"name":"y","type":"int","default":0}]}""";
    private const string PointWithoutDefault = """{"type":"record","name":"Point","fields":[{"name":"x","type":"int"},{"name":"z","type":"int"}]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private KafkaBroker _broker = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Same_schema_has_the_same_id_in_every_subject_and_spelling()
    {
        Assert.Equal("""{"id":1}""", await Post("subjects/a-value/versions", Point));
        Assert.Equal("""{"id":1}""", await Post("subjects/a-value/versions", """{ "name": "Point", "type": "record", "fields": [ {"type": {"type": "int"}, "name": "x"} ] }"""));
        Assert.Equal("""{"id":1}""", await Post("subjects/b%2Fvalue/versions", Point));
        Assert.Equal("""{"id":2}""", await Post("subjects/a-value/versions", PointWithDefault));

        Assert.Equal("""["a-value","b/value"]""", await Get("subjects"));
        Assert.Equal("[1,2]", await Get("subjects/a-value/versions"));
        Assert.Equal(Point, JsonNode.Parse(await Get("schemas/ids/1"))!["schema"]!.GetValue<string>());
        Assert.Equal("""[{"subject":"a-value","version":1},{"subject":"b/value","version":1}]""", await Get("schemas/ids/1/versions"));
        Assert.Equal(2, JsonNode.Parse(await Get("subjects/a-value/versions/latest"))!["version"]!.GetValue<int>());
        Assert.Equal(1, JsonNode.Parse(await Post("subjects/a-value", Point))!["version"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("NONE", true, true)]
    [InlineData("BACKWARD", true, false)]
    [InlineData("FORWARD", true, true)]
    [InlineData("FULL", true, false)]
    public async Task Compatibility_level_decides_what_is_taken(string level, bool withDefault, bool withoutDefault)
    {
        await Send(HttpMethod.Put, "config/p", $$"""{"compatibility":"{{level}}"}""");
        await Post("subjects/p/versions", Point);

        Assert.Equal(withDefault, await Compatible(PointWithDefault));
        Assert.Equal(withoutDefault, await Compatible(PointWithoutDefault));
        if (!withoutDefault)
            await Refused(409, 409, HttpMethod.Post, "subjects/p/versions", Body(PointWithoutDefault));

        async Task<bool> Compatible(string schema) =>
            JsonNode.Parse(await Post("compatibility/subjects/p/versions/latest?verbose=true", schema))!["is_compatible"]!.GetValue<bool>();
    }

    [Fact]
    public async Task Errors_have_Confluents_codes()
    {
        await Post("subjects/known/versions", Point);

        await Refused(404, 40401, HttpMethod.Get, "subjects/unknown/versions");
        await Refused(404, 40402, HttpMethod.Get, "subjects/known/versions/9");
        await Refused(404, 40403, HttpMethod.Get, "schemas/ids/9");
        await Refused(404, 40403, HttpMethod.Post, "subjects/known", Body("\"string\""));
        await Refused(404, 40405, HttpMethod.Delete, "subjects/known?permanent=true");
        await Refused(404, 40408, HttpMethod.Get, "config/known");
        await Refused(422, 42201, HttpMethod.Post, "subjects/known/versions", Body("""{"type":"recard"}"""));
        await Refused(422, 42202, HttpMethod.Get, "subjects/known/versions/newest");
        await Refused(422, 42203, HttpMethod.Put, "config", """{"compatibility":"SOME"}""");
        await Refused(422, 42204, HttpMethod.Put, "mode", """{"mode":"SOME"}""");
        await Refused(400, 400, HttpMethod.Post, "subjects/known/versions", "{");
        await Refused(404, 404, HttpMethod.Get, "nowhere");
        await Send(HttpMethod.Put, "mode/known", """{"mode":"READONLY"}""");
        await Refused(422, 42205, HttpMethod.Post, "subjects/known/versions", Body(PointWithDefault));
    }

    [Fact]
    public async Task Deleting_is_soft_first_and_then_for_good_and_ids_and_versions_are_not_used_again()
    {
        await Post("subjects/s/versions", Point);
        await Post("subjects/s/versions", PointWithDefault);

        Assert.Equal("1", await Send(HttpMethod.Delete, "subjects/s/versions/1"));
        await Refused(404, 40406, HttpMethod.Delete, "subjects/s/versions/1");
        Assert.Equal("[2]", await Get("subjects/s/versions"));
        Assert.Equal("[1,2]", await Get("subjects/s/versions?deleted=true"));
        Assert.Contains("Point", await Get("schemas/ids/1"), StringComparison.Ordinal);
        Assert.Equal("[2]", await Send(HttpMethod.Delete, "subjects/s"));
        Assert.Equal("[]", await Get("subjects"));
        Assert.Equal("[1,2]", await Send(HttpMethod.Delete, "subjects/s?permanent=true"));
        await Refused(404, 40403, HttpMethod.Get, "schemas/ids/1");
        Assert.Equal("""{"id":3}""", await Post("subjects/s/versions", PointWithoutDefault));
    }

    [Fact]
    public async Task Schema_may_name_types_of_other_subjects()
    {
        await Post("subjects/point/versions", Point);
        string line = """{"type":"record","name":"Line","fields":[{"name":"from","type":"Point"},{"name":"to","type":"Point"}]}""";
        string body = new JsonObject
        {
            ["schema"] = line, ["references"] = new JsonArray(new JsonObject { ["name"] = "Point", ["subject"] = "point", ["version"] = 1 }),
        }.ToJsonString();

        Assert.Equal("""{"id":2}""", await Send(HttpMethod.Post, "subjects/line/versions", body));

        Assert.Equal("[2]", await Get("subjects/point/versions/1/referencedby"));
        Assert.Single(JsonNode.Parse(await Get("schemas/ids/2"))!["references"]!.AsArray());
        await Refused(422, 42206, HttpMethod.Delete, "subjects/point");
        await Refused(422, 42201, HttpMethod.Post, "subjects/line/versions", Body(line));
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        await Post("subjects/kept/versions", Point);
        await Post("subjects/gone/versions", Point);
        await Send(HttpMethod.Delete, "subjects/gone");
        await Send(HttpMethod.Put, "config", """{"compatibility":"FULL_TRANSITIVE"}""");

        await _broker.DisposeAsync();
        _broker = await StartAsync();

        Assert.Equal("""["kept"]""", await Get("subjects"));
        Assert.Equal("""["gone","kept"]""", await Get("subjects?deleted=true"));
        Assert.Equal("""{"compatibilityLevel":"FULL_TRANSITIVE"}""", await Get("config"));
        Assert.Equal("""{"id":2}""", await Post("subjects/kept/versions", PointWithDefault));
    }

    [Fact]
    public async Task Topic_of_schemas_does_not_grow_with_every_change()
    {
        for (int change = 0; change < 1500; change++)
            await Send(HttpMethod.Put, "config", $$"""{"compatibility":"{{(change % 2 == 0 ? "FULL" : "NONE")}}"}""");
        await Post("subjects/kept/versions", Point);

        await _broker.DisposeAsync();
        _broker = await StartAsync();

        Assert.Equal("""{"compatibilityLevel":"NONE"}""", await Get("config"));
        using Confluent.Kafka.IConsumer<string, string> consumer = Support.Consumers.Make(_broker.Bootstrap, "curious", Confluent.Kafka.IsolationLevel.ReadCommitted);
        Confluent.Kafka.WatermarkOffsets offsets = consumer.QueryWatermarkOffsets(new Confluent.Kafka.TopicPartition("_schemas", 0), TimeSpan.FromSeconds(10));
        Assert.InRange(offsets.High.Value - offsets.Low.Value, 2, 1000);
    }

    [Fact]
    public async Task Assays_own_client_registers_and_reads()
    {
        using SchemaRegistryClient client = new(new SchemaRegistryOptions { Url = _broker.RegistryUrl! }, TimeProvider.System);
        AvroSchema schema = AvroSchema.Parse(Point);

        int id = await client.RegisterSchemaAsync("own", schema, Ct);

        Assert.Equal(schema.ToString(), (await client.GetSchemaAsync(id, Ct)).ToString());
        Assert.False(await client.IsCompatibleAsync("own", AvroSchema.Parse(PointWithoutDefault), Ct));
        Assert.Null(await client.LookupSchemaAsync("other", schema, Ct));
    }

    private Task<KafkaBroker> StartAsync() => KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder.Path, RegistryPort = 0 }, ct: Ct);

    private Task<string> Get(string path) => Send(HttpMethod.Get, path);

    private Task<string> Post(string path, string schema) => Send(HttpMethod.Post, path, Body(schema));

    private static string Body(string schema) => new JsonObject { ["schema"] = schema }.ToJsonString();

    private async Task<string> Send(HttpMethod method, string path, string? body = null)
    {
        (HttpStatusCode status, string text) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, text);
        return text;
    }

    private async Task Refused(int status, int code, HttpMethod method, string path, string? body = null)
    {
        (HttpStatusCode answered, string text) = await SendAsync(method, path, body);
        Assert.Equal((status, code), ((int)answered, JsonNode.Parse(text)!["error_code"]!.GetValue<int>()));
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpMethod method, string path, string? body)
    {
        using HttpRequestMessage request = new(method, new Uri(_broker.RegistryUrl!, path));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/vnd.schemaregistry.v1+json");
        using HttpResponseMessage response = await _http.SendAsync(request, Ct);
        Assert.Equal("application/vnd.schemaregistry.v1+json", response.Content.Headers.ContentType!.MediaType);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }
}
