using System.Text.Json.Nodes;
using Assay.Avro.Registry;
using Assay.Broker.Tests.Support;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Broker.Tests.Registry;

/// <summary>Registry clients that no one here wrote, Confluent's own for Node and kafkajs': they read what Assay wrote with our registry, and Assay reads what they wrote.</summary>
public sealed class ForeignRegistryClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Confluents_and_kafkajs_clients_for_Node_read_what_we_wrote_and_the_reverse()
    {
        string node = Foreign.Program("node", "install Node.js 18 or later");
        Foreign.NodePackage("@confluentinc/schemaregistry");
        await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { RegistryPort = 0 }, ct: Ct);
        using SchemaRegistryClient registry = new(new SchemaRegistryOptions { Url = broker.RegistryUrl! }, TimeProvider.System);
        ApiPrice price = new()
        {
            Pair = "ETH-USD", Source = "coingecko", EventType = "cg", Price = 1234.567890123456789m, QuotedAt = null,
            ObservedAt = new DateTime(2026, 11, 23, 1, 2, 3, DateTimeKind.Utc), Event = """{"ä":"€"}""",
        };
        byte[] ours = await new AvroSerializer<ApiPrice>(registry, "ours").SerializeAsync(price, SerializationContext.Empty);

        JsonNode seen = JsonNode.Parse(await Shell.RunAsync(
            node, [Repository.File("tests", "Broker", "Foreign", "registry.cjs"), Foreign.NodeModules, broker.RegistryUrl!.ToString().TrimEnd('/'), Convert.ToHexStringLower(ours)]))!;

        JsonObject confluent = seen["confluent"]!.AsObject();
        JsonObject kafkajs = seen["kafkajs"]!.AsObject();
        foreach (JsonObject client in new[] { confluent, kafkajs })
        {
            byte[] theirs = Convert.FromHexString((string)client["written"]!);
            Assert.Equal(ours, theirs);
            Assert.Equal(price, new AvroDeserializer<ApiPrice>(registry).Decode(theirs));
            client.Remove("written");
        }
        Assert.Equal(
            """
            {"pair":"ETH-USD","same":true,"version":1,"refused":409,"compatible":[true,false],"resolved":{"from":{"x":1,"y":2},"to":{"x":3,"y":4}},"auto":true,"level":"FULL_TRANSITIVE",
            "versions":[1,2],"found":1,"schema":2,"subjects":["confluent-value","lines-value","ours-value","points"],"referenced":42206,"deleted":1,"unknown":40401,"soft":[1],"hard":[1]}
            """.ReplaceLineEndings(""),
            confluent.ToJsonString());
        Assert.Equal(
            """{"pair":"ETH-USD","found":true,"registered":true,"looked":true,"refused":409}""", kafkajs.ToJsonString());
    }
}
