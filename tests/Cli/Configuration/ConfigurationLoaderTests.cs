using Assay.Cli.Configuration;
using Assay.Topology;
using Confluent.Kafka;

namespace Assay.Cli.Tests.Configuration;

public sealed class ConfigurationLoaderTests
{
    private const string Chain = """ "chains": { "ethereum": { "id": 1, "endpoints": ["http://node:8545"] } } """;

    [Fact]
    public void The_shipped_file_names_the_original_demos_feeds_and_sources()
    {
        AssayConfiguration configuration = Configured.Shipped();
        Assert.Equal(["eth-usd", "link-usd", "btc-usd"], configuration.Feeds.Select(feed => feed.Name));
        Assert.Equal(["coingecko", "coinpaprika"], configuration.Sources.Select(source => source.Name));
        Assert.Equal(["cg", "cp-eth-usd", "cp-link-usd", "cp-btc-usd"], configuration.Sources.SelectMany(source => source.Requests).Select(request => request.EventType));
        Assert.All(configuration.Judged().Feeds, feed => Assert.Equal(1, feed.ChainId));
    }

    [Fact]
    public void Infura_serves_first_where_its_project_is_set()
    {
        AssayConfiguration without = Configured.Shipped();
        AssayConfiguration with = Configured.Shipped(environment: new Dictionary<string, string> { ["INFURA_PROJECT_ID"] = "abc" });
        Assert.Equal(new Uri("wss://mainnet.infura.io/ws/v3/abc"), with.Chains[0].Endpoints[0]);
        Assert.Equal(without.Chains[0].Endpoints, with.Chains[0].Endpoints.Skip(1));
        Assert.True(without.Chains[0].Endpoints.Count > 1, "one public endpoint alone has nothing to fail over to");
    }

    [Fact]
    public void Empty_object_gives_the_documented_defaults()
    {
        AssayConfiguration configuration = Configured.By("{}");
        Assert.Equal("localhost:9092", configuration.Kafka.Bootstrap);
        Assert.Equal(3, configuration.Topics.Partitions);
        Assert.Null(configuration.Topics.Retention);
        Assert.Equal(TimeSpan.FromSeconds(60), configuration.Accuracy.Window);
        Assert.Equal("kafka_sink", configuration.Database.Name);
    }

    [Fact]
    public void Values_become_the_roles_options()
    {
        AssayConfiguration configuration = Configured.By($$"""
            {
              {{Chain}},
              "kafka": { "security": { "protocol": "sasl_ssl", "mechanism": "scram-sha-256", "user": "u", "password": "${P}" }, "topics": { "retention": "36h" } },
              "feeds": { "x": { "pair": "A1-B", "chain": "ethereum", "aggregator": "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419", "heartbeat": "90s", "deviation_threshold": 0.25 } },
              "accuracy": { "average": "median", "window": "500ms", "max_average_age": "2m" }, // trailing commas and comments are fine
            }
            """, new Dictionary<string, string> { ["P"] = "s3cret" });
        Assert.Equal((SecurityProtocol.SaslSsl, SaslMechanism.ScramSha256, "u", "s3cret"),
            (configuration.Kafka.Security, configuration.Kafka.Mechanism, configuration.Kafka.User, configuration.Kafka.Password));
        Assert.Equal(TimeSpan.FromHours(36), configuration.Topics.Retention);
        Assert.Equal((TimeSpan.FromSeconds(90), 0.25m), (configuration.Feeds[0].Heartbeat, configuration.Feeds[0].DeviationThreshold));
        Assert.Equal((AverageMethod.Median, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(2)),
            (configuration.Accuracy.Average, configuration.Accuracy.Window, configuration.Accuracy.MaxAverageAge));
    }

    [Theory]
    [InlineData("{\n\n  \"kafka\": {\n    \"bootstap\": \"a:1\"\n  }\n}", "assay.json:4: 'bootstap' is no key of kafka; did you mean 'bootstrap'?")]
    [InlineData("{ \"kafka\": 5 }", "assay.json:1: kafka is a number, and must be an object in braces.")]
    [InlineData("{ \"kafka\": { \"topics\": {\n\"partitions\": 0 } } }", "assay.json:2: kafka.topics.partitions is 0, and must be a whole number from 1 to 10000.")]
    [InlineData("{ \"kafka\": { \"topics\": { \"partitions\": \"3\" } } }", "assay.json:1: kafka.topics.partitions is \"3\", and must be a whole number from 1 to 10000.")]
    [InlineData("{ \"kafka\": { \"bootstrap\": \"nowhere\" } }", "assay.json:1: kafka.bootstrap must be host:port, or several separated by commas.")]
    [InlineData("{ \"kafka\": { \"registry\": \"ftp://x\" } }", "assay.json:1: kafka.registry is \"ftp://x\", and must be a URL that begins with http:// or https://.")]
    [InlineData("{ \"accuracy\": {\n \"window\": 60 } }",
        "assay.json:2: accuracy.window is 60, and must be a duration of at least 1ms: write a number and a unit, like \"500ms\", \"60s\", \"5m\", \"24h\" or \"7d\".")]
    [InlineData("{ \"accuracy\": { \"average\": \"mode\" } }", "assay.json:1: accuracy.average is \"mode\", and must be one of \"mean\", \"median\".")]
    [InlineData("{ \"accuracy\": { \"grace\": \"${GRACE}\" } }", "assay.json:1: accuracy.grace: the environment variable GRACE is not set; set it, or GRACE_FILE to a file that holds it.")]
    [InlineData("{ \"database\": {}, \n \"database\": {} }", "assay.json:2: 'database' stands here a second time (first on line 1); remove one.")]
    [InlineData("{ \"a\" \n }", "assay.json:2: this is not JSON: '}' is invalid after a property name. Expected a ':'.")]
    [InlineData("[]", "assay.json:1: the configuration is a JSON object in braces, and this is none.")]
    public void A_mistake_is_named_with_its_line_and_its_mend(string json, string sentence) => Assert.Equal(sentence, Configured.ProblemsOf(json)[0]);

    [Theory]
    [InlineData("\"pair\": \"eth-usd\", \"chain\": \"ethereum\", \"proxy\": \"0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419\"", "is no pair")]
    [InlineData("\"pair\": \"ETH-USD\", \"chain\": \"etherium\", \"proxy\": \"0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419\"", "did you mean 'ethereum'?")]
    [InlineData("\"pair\": \"ETH-USD\", \"chain\": \"ethereum\", \"proxy\": \"0x5f4e\"", "40 hexadecimal digits")]
    [InlineData("\"pair\": \"ETH-USD\", \"chain\": \"ethereum\"", "feeds.eth-usd.proxy or feeds.eth-usd.aggregator must be there")]
    [InlineData("\"chain\": \"ethereum\", \"proxy\": \"0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419\"", "feeds.eth-usd.pair is missing")]
    public void A_feed_that_cannot_work_is_refused(string keys, string part)
    {
        string json = $$"""{ {{Chain}}, "feeds": { "eth-usd": { {{keys}}, "heartbeat": "1h", "deviation_threshold": 0.5 } } }""";
        Assert.Contains(part, Assert.Single(Configured.ProblemsOf(json)), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_shown_at_once()
    {
        string[] problems = Configured.ProblemsOf("""{ "kafka": { "x": 1, "topics": { "replication": -1 } }, "acuracy": {} }""");
        Assert.Equal(3, problems.Length);
    }

    [Fact]
    public void Environment_goes_over_the_file_and_flags_over_both()
    {
        const string file = """{ "kafka": { "bootstrap": "file:1", "registry": "http://file" }, "database": { "name": "file", "user": "file" }, "feeds": {} }""";
        Dictionary<string, string> environment = new()
        {
            ["ASSAY__KAFKA__BOOTSTRAP"] = "environment:1",
            ["ASSAY__KAFKA__REGISTRY"] = "http://environment",
            ["ASSAY__KAFKA__TOPICS__PARTITIONS"] = "7",
            ["ASSAY__CHAINS__LOCAL__ID"] = "5",
            ["ASSAY__CHAINS__LOCAL__ENDPOINTS"] = "http://one, ws://two",
            ["DB_NAME"] = "demo",
        };
        AssayConfiguration configuration = Configured.By(file, environment, new KeyValuePair<string, string>("kafka.bootstrap", "flag:1"));
        Assert.Equal("flag:1", configuration.Kafka.Bootstrap);
        Assert.Equal(new Uri("http://environment"), configuration.Kafka.Registry);
        Assert.Equal(7, configuration.Topics.Partitions);
        Assert.Equal([new Uri("http://one"), new Uri("ws://two")], configuration.Chains[0].Endpoints);
        Assert.Equal(("demo", "file"), (configuration.Database.Name, configuration.Database.User));
    }

    [Fact]
    public void A_name_with_a_dash_is_reached_from_the_environment_with_an_underscore()
    {
        AssayConfiguration configuration = Configured.Shipped(environment: new Dictionary<string, string> { ["ASSAY__FEEDS__ETH_USD__HEARTBEAT"] = "27s" });
        Assert.Equal(TimeSpan.FromSeconds(27), configuration.Feeds.Single(feed => feed.Name == "eth-usd").Heartbeat);
    }

    [Fact]
    public void A_mistake_in_the_environment_names_the_variable_and_not_its_value()
    {
        string problem = Assert.Single(Configured.ProblemsOf("{}", new Dictionary<string, string> { ["ASSAY__KAFKA__TOPICS__PARTITIONS"] = "s3cret" }));
        Assert.Equal("environment variable ASSAY__KAFKA__TOPICS__PARTITIONS: kafka.topics.partitions must be a whole number from 1 to 10000.", problem);
    }

    [Fact]
    public void A_secret_may_come_from_a_file_that_the_environment_names()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["password"], "s3cret\n");
        Assert.Equal("s3cret", Configured.By("{}", new Dictionary<string, string> { ["DB_PASSWORD_FILE"] = folder["password"] }).Database.Password);
    }

    [Fact]
    public void A_secret_in_a_file_that_others_can_read_is_refused_and_not_shown()
    {
        using TemporaryFolder folder = new();
        string file = folder["assay.json"];
        File.WriteAllText(file, """{ "database": { "password": "s3cret" } }""");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        string message = Assert.Throws<Schemas.UserException>(() => ConfigurationLoader.Load(file, Configured.Nothing)).Message;
        Assert.StartsWith($"{file}:1: database.password is a secret in a file that others can read", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal("s3cret", ConfigurationLoader.Load(file, Configured.Nothing).Database.Password);
    }

    [Fact]
    public void Addresses_print_without_secrets()
    {
        AssayConfiguration configuration = Configured.By("""{ "kafka": { "registry": "http://u:s3cret@r" } }""", new Dictionary<string, string> { ["DB_PASSWORD"] = "s3cret" });
        Assert.DoesNotContain("s3cret", $"{configuration.Kafka} {configuration.Database}", StringComparison.Ordinal);
    }
}
