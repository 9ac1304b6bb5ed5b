using System.Text.Json.Nodes;
using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Registry;

/// <summary>The registry over HTTP, as Confluent's clients see it.</summary>
public sealed class SchemaRegistryTests : IAsyncLifetime
{
    private const string Point = """{"type":"record","name":"Point","fields":[{"name":"x","type":"int"}]}""";
    private const string PointWithDefault = """{"type":"record","name":"Point","fields":[{"name":"x","type":"int"},{"name":"y","type":"int","default":0}]}""";
    private const string PointWithoutDefault = """{"type":"record","name":"Point","fields":[{"name":"x","type":"int"},{"name":"z","type":"int"}]}""";

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TemporaryFolder _folder = new();
    private KafkaBroker _broker = null!;
    private RegistryHttp _registry = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => new(StartAsync());

    public async ValueTask DisposeAsync()
    {
        _registry.Dispose();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Same_schema_has_the_same_id_in_every_subject_and_spelling()
    {
        Assert.Equal("""{"id":1}""", await _registry.Post("subjects/a-value/versions", Point));
        Assert.Equal("""{"id":1}""", await _registry.Post("subjects/a-value/versions", """{ "name": "Point", "type": "record", "fields": [ {"type": {"type": "int"}, "name": "x"} ] }"""));
        Assert.Equal("""{"id":1}""", await _registry.Post("subjects/b%2Fvalue/versions", Point));
        Assert.Equal("""{"id":2}""", await _registry.Post("subjects/a-value/versions", PointWithDefault));

        Assert.Equal("""["a-value","b/value"]""", await _registry.Get("subjects"));
        Assert.Equal("[1,2]", await _registry.Get("subjects/a-value/versions"));
        Assert.Equal(Point, JsonNode.Parse(await _registry.Get("schemas/ids/1"))!["schema"]!.GetValue<string>());
        Assert.Equal("""[{"subject":"a-value","version":1},{"subject":"b/value","version":1}]""", await _registry.Get("schemas/ids/1/versions"));
        Assert.Equal(2, JsonNode.Parse(await _registry.Get("subjects/a-value/versions/latest"))!["version"]!.GetValue<int>());
        Assert.Equal(1, JsonNode.Parse(await _registry.Post("subjects/a-value", Point))!["version"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("NONE", true, true)]
    [InlineData("BACKWARD", true, false)]
    [InlineData("FORWARD", true, true)]
    [InlineData("FULL", true, false)]
    public async Task Compatibility_level_decides_what_is_taken(string level, bool withDefault, bool withoutDefault)
    {
        await _registry.Send(HttpMethod.Put, "config/p", $$"""{"compatibility":"{{level}}"}""");
        await _registry.Post("subjects/p/versions", Point);

        Assert.Equal(withDefault, await Compatible(PointWithDefault));
        Assert.Equal(withoutDefault, await Compatible(PointWithoutDefault));
        if (!withoutDefault)
            await _registry.Refused(409, 409, HttpMethod.Post, "subjects/p/versions", RegistryHttp.Body(PointWithoutDefault));

        async Task<bool> Compatible(string schema) =>
            JsonNode.Parse(await _registry.Post("compatibility/subjects/p/versions/latest?verbose=true", schema))!["is_compatible"]!.GetValue<bool>();
    }

    [Fact]
    public async Task Errors_have_Confluents_codes()
    {
        await _registry.Post("subjects/known/versions", Point);

        await _registry.Refused(404, 40401, HttpMethod.Get, "subjects/unknown/versions");
        await _registry.Refused(404, 40402, HttpMethod.Get, "subjects/known/versions/9");
        await _registry.Refused(404, 40403, HttpMethod.Get, "schemas/ids/9");
        await _registry.Refused(404, 40403, HttpMethod.Post, "subjects/known", RegistryHttp.Body("\"string\""));
        await _registry.Refused(404, 40405, HttpMethod.Delete, "subjects/known?permanent=true");
        await _registry.Refused(404, 40408, HttpMethod.Get, "config/known");
        await _registry.Refused(422, 42201, HttpMethod.Post, "subjects/known/versions", RegistryHttp.Body("""{"type":"recard"}"""));
        await _registry.Refused(422, 42202, HttpMethod.Get, "subjects/known/versions/newest");
        await _registry.Refused(422, 42203, HttpMethod.Put, "config", """{"compatibility":"SOME"}""");
        await _registry.Refused(422, 42204, HttpMethod.Put, "mode", """{"mode":"SOME"}""");
        await _registry.Refused(400, 400, HttpMethod.Post, "subjects/known/versions", "{");
        await _registry.Refused(404, 404, HttpMethod.Get, "nowhere");
        await _registry.Send(HttpMethod.Put, "mode/known", """{"mode":"READONLY"}""");
        await _registry.Refused(422, 42205, HttpMethod.Post, "subjects/known/versions", RegistryHttp.Body(PointWithDefault));
    }

    [Fact]
    public async Task Deleting_is_soft_first_and_then_for_good_and_ids_and_versions_are_not_used_again()
    {
        await _registry.Post("subjects/s/versions", Point);
        await _registry.Post("subjects/s/versions", PointWithDefault);

        Assert.Equal("1", await _registry.Send(HttpMethod.Delete, "subjects/s/versions/1"));
        await _registry.Refused(404, 40406, HttpMethod.Delete, "subjects/s/versions/1");
        Assert.Equal("[2]", await _registry.Get("subjects/s/versions"));
        Assert.Equal("[1,2]", await _registry.Get("subjects/s/versions?deleted=true"));
        Assert.Contains("Point", await _registry.Get("schemas/ids/1"), StringComparison.Ordinal);
        Assert.Equal("[2]", await _registry.Send(HttpMethod.Delete, "subjects/s"));
        Assert.Equal("[]", await _registry.Get("subjects"));
        Assert.Equal("[1,2]", await _registry.Send(HttpMethod.Delete, "subjects/s?permanent=true"));
        await _registry.Refused(404, 40403, HttpMethod.Get, "schemas/ids/1");
        Assert.Equal("""{"id":3}""", await _registry.Post("subjects/s/versions", PointWithoutDefault));
    }

    [Fact]
    public async Task Schema_may_name_types_of_other_subjects()
    {
        await _registry.Post("subjects/point/versions", Point);
        string line = """{"type":"record","name":"Line","fields":[{"name":"from","type":"Point"},{"name":"to","type":"Point"}]}""";
        string body = new JsonObject
        {
            ["schema"] = line, ["references"] = new JsonArray(new JsonObject { ["name"] = "Point", ["subject"] = "point", ["version"] = 1 }),
        }.ToJsonString();

        Assert.Equal("""{"id":2}""", await _registry.Send(HttpMethod.Post, "subjects/line/versions", body));

        Assert.Equal("[2]", await _registry.Get("subjects/point/versions/1/referencedby"));
        Assert.Single(JsonNode.Parse(await _registry.Get("schemas/ids/2"))!["references"]!.AsArray());
        await _registry.Refused(422, 42206, HttpMethod.Delete, "subjects/point");
        await _registry.Refused(422, 42201, HttpMethod.Post, "subjects/line/versions", RegistryHttp.Body(line));
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        await _registry.Post("subjects/kept/versions", Point);
        await _registry.Post("subjects/gone/versions", Point);
        await _registry.Send(HttpMethod.Delete, "subjects/gone");
        await _registry.Send(HttpMethod.Put, "config", """{"compatibility":"FULL_TRANSITIVE"}""");

        await RestartAsync();

        Assert.Equal("""["kept"]""", await _registry.Get("subjects"));
        Assert.Equal("""["gone","kept"]""", await _registry.Get("subjects?deleted=true"));
        Assert.Equal("""{"compatibilityLevel":"FULL_TRANSITIVE"}""", await _registry.Get("config"));
        Assert.Equal("""{"id":2}""", await _registry.Post("subjects/kept/versions", PointWithDefault));
    }

    [Fact]
    public async Task Topic_of_schemas_does_not_grow_with_every_change()
    {
        for (int change = 0; change < 1500; change++)
            await _registry.Send(HttpMethod.Put, "config", $$"""{"compatibility":"{{(change % 2 == 0 ? "FULL" : "NONE")}}"}""");
        await _registry.Post("subjects/kept/versions", Point);

        await RestartAsync();

        Assert.Equal("""{"compatibilityLevel":"NONE"}""", await _registry.Get("config"));
        using Confluent.Kafka.IConsumer<string, string> consumer = Consumers.Make(_broker.Bootstrap, "curious", Confluent.Kafka.IsolationLevel.ReadCommitted);
        Confluent.Kafka.WatermarkOffsets offsets = consumer.QueryWatermarkOffsets(new Confluent.Kafka.TopicPartition("_schemas", 0), TimeSpan.FromSeconds(10));
        Assert.InRange(offsets.High.Value - offsets.Low.Value, 2, 1000);
    }

    [Fact]
    public async Task Topic_of_schemas_has_Confluents_records_and_takes_them()
    {
        await _registry.Post("subjects/s/versions", Point);
        await _registry.Put("config/s", """{"compatibility":"NONE"}""");
        await _registry.Put("mode", """{"mode":"READWRITE"}""");
        await _registry.Delete("subjects/s/versions/1");

        List<Confluent.Kafka.ConsumeResult<string, string>> records = Consumers.Read(_broker.Bootstrap, "_schemas", 4);
        // What Confluent's registry writes when it starts and when a subject of two versions is deleted; then it is registered once more.
        using (Confluent.Kafka.IProducer<string, string?> confluent = new Confluent.Kafka.ProducerBuilder<string, string?>(
            new Confluent.Kafka.ProducerConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build())
            foreach ((string key, string? value) in new (string, string?)[]
            {
                ("""{"keytype":"NOOP","magic":0}""", null), (Key(1), Value(1, 21)), (Key(2), Value(2, 22)),
                ("""{"keytype":"DELETE_SUBJECT","subject":"theirs","magic":0}""", """{"subject":"theirs","version":2}"""), (Key(3), Value(3, 21)),
            })
                await confluent.ProduceAsync("_schemas", new Confluent.Kafka.Message<string, string?> { Key = key, Value = value! }, Ct);
        await RestartAsync();

        Assert.Equal(
            [
                """{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}""", """{"keytype":"CONFIG","subject":"s","magic":0}""",
                """{"keytype":"MODE","subject":null,"magic":0}""", """{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}""",
            ],
            records.Select(record => record.Message.Key));
        Assert.Equal($$"""{"subject":"s","version":1,"id":1,"schema":{{JsonValue.Create(Point).ToJsonString(Relaxed)}},"deleted":true}""", records[3].Message.Value);
        Assert.Equal("[3]", await _registry.Get("subjects/theirs/versions"));
        Assert.Equal("[1,2,3]", await _registry.Get("subjects/theirs/versions?deleted=true"));
        Assert.Equal("""{"id":23}""", await _registry.Post("subjects/ours/versions", PointWithDefault));

        static string Key(int version) => $$"""{"keytype":"SCHEMA","subject":"theirs","version":{{version}},"magic":1}""";

        static string Value(int version, int id) => $$"""{"subject":"theirs","version":{{version}},"id":{{id}},"md5":"FZ5dXWWJ","schema":"\"{{(id == 21 ? "string" : "bytes")}}\"","deleted":false}""";
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

    private async Task StartAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder.Path, RegistryPort = 0 }, ct: Ct);
        _registry = new RegistryHttp(_broker.RegistryUrl!);
    }

    private async Task RestartAsync()
    {
        _registry.Dispose();
        await _broker.DisposeAsync();
        await StartAsync();
    }
}
