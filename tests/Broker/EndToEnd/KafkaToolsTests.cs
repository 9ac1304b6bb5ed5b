using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Assay.Broker.Tests.Support;
using Confluent.Kafka;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>What a person sees who asks this broker with Apache Kafka's own tools; each test has topics and groups of its own.</summary>
public sealed partial class KafkaToolsTests(KafkaTools tools) : IClassFixture<KafkaTools>
{
    private const string Topics = "TopicCommand";
    private const string Configs = "kafka.admin.ConfigCommand";
    private const string Groups = "consumer.group.ConsumerGroupCommand";
    private const string ReadFrom = "consumer.ConsoleConsumer";
    private const string Offsets = "GetOffsetShell";
    private const string Transactions = "TransactionsCommand";

    [Fact]
    public async Task Topics_are_made_grown_described_and_deleted()
    {
        Assert.Contains("Created topic made.", await Run(Topics, "--create", "--topic", "made", "--partitions", "2", "--config", "retention.ms=86400000"), StringComparison.Ordinal);
        Assert.Contains("Topic 'made' already exists.", await Fails(Topics, "--create", "--topic", "made"), StringComparison.Ordinal);
        await Run(Topics, "--alter", "--topic", "made", "--partitions", "3");
        Assert.Contains("would not be an increase", await Fails(Topics, "--alter", "--topic", "made", "--partitions", "2"), StringComparison.Ordinal);

        string described = await Run(Topics, "--describe", "--topic", "made");

        Assert.Contains("PartitionCount: 3\tReplicationFactor: 1\tConfigs: retention.ms=86400000", described, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(described, "Leader: 1\tReplicas: 1\tIsr: 1"));
        Assert.Contains("made", await Run(Topics, "--list"), StringComparison.Ordinal);
        await Run(Topics, "--delete", "--topic", "made");
        Assert.DoesNotContain("made", await Run(Topics, "--list"), StringComparison.Ordinal);
        Assert.Contains("Topic 'made' does not exist as expected", await Fails(Topics, "--describe", "--topic", "made"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configs_are_set_shown_taken_back_and_refused()
    {
        string[] topic = ["--entity-type", "topics", "--entity-name", "configured"];
        await Run(Topics, "--create", "--topic", "configured");

        await Run(Configs, [.. topic, "--alter", "--add-config", "cleanup.policy=[compact,delete],segment.bytes=1048576"]);
        Assert.Contains("cleanup.policy=compact,delete sensitive=false", await Run(Configs, [.. topic, "--describe"]), StringComparison.Ordinal);
        await Run(Configs, [.. topic, "--alter", "--delete-config", "cleanup.policy"]);
        string left = await Run(Configs, [.. topic, "--describe"]);

        Assert.DoesNotContain("cleanup.policy", left, StringComparison.Ordinal);
        Assert.Contains("segment.bytes=1048576", left, StringComparison.Ordinal);
        Assert.Contains("cleanup.policy=delete", await Run(Configs, [.. topic, "--describe", "--all"]), StringComparison.Ordinal);
        Assert.Contains("Invalid value never for configuration retention.ms", await Fails(Configs, [.. topic, "--alter", "--add-config", "retention.ms=never"]), StringComparison.Ordinal);
        Assert.Contains("Unknown topic config name: no.such", await Fails(Configs, [.. topic, "--alter", "--add-config", "no.such=1"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_are_listed_described_moved_and_deleted()
    {
        await Run(Topics, "--create", "--topic", "read", "--partitions", "2");
        await Write("read", Enumerable.Range(0, 30).Select(number => $"k{number}:v{number}"), "--compression-codec", "zstd");
        string read = await Run(ReadFrom, "--topic", "read", "--from-beginning", "--max-messages", "30", "--group", "readers");
        Assert.Equal(Enumerable.Range(0, 30).Select(number => $"v{number}").Order(), Values(read));
        int[] ends = [.. (await Run(Offsets, "--topic", "read")).Trim().Split('\n').Select(line => int.Parse(line.Split(':')[2]))];
        Assert.Equal(30, ends.Sum());

        Assert.Matches(@"readers\s+Empty", await Run(Groups, "--list", "--state"));
        Assert.Matches($@"readers\s+read\s+0\s+{ends[0]}\s+{ends[0]}\s+0\s", await Run(Groups, "--describe", "--group", "readers"));
        Assert.Matches($@"readers\s+{Regex.Escape(tools.Broker.Bootstrap)}\s+\(1\)\s+-\s+Empty\s+0", await Run(Groups, "--describe", "--group", "readers", "--state"));
        Assert.Matches(@"readers\s+read\s+0\s+0", await Run(Groups, "--reset-offsets", "--group", "readers", "--topic", "read:0", "--to-earliest", "--execute"));
        Assert.Matches($@"readers\s+read\s+1\s+{ends[1] - 2}", await Run(Groups, "--reset-offsets", "--group", "readers", "--all-topics", "--shift-by", "-2", "--dry-run"));
        Assert.Matches($@"readers\s+read\s+1\s+0", await Run(Groups, "--reset-offsets", "--group", "readers", "--topic", "read", "--to-datetime", "2020-01-01T00:00:00.000", "--dry-run"));
        Assert.Matches($@"readers\s+read\s+0\s+0\s+{ends[0]}\s+{ends[0]}\s", await Run(Groups, "--describe", "--group", "readers"));
        Assert.Matches(@"read\s+1\s+Successful", await Run(Groups, "--delete-offsets", "--group", "readers", "--topic", "read:1"));
        Assert.DoesNotMatch(@"readers\s+read\s+1\s", await Run(Groups, "--describe", "--group", "readers"));
        await Run(Groups, "--delete", "--group", "readers");
        Assert.DoesNotContain("readers", await Run(Groups, "--list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_with_a_member_shows_what_it_has_and_refuses_to_be_moved()
    {
        await Run(Topics, "--create", "--topic", "watched", "--partitions", "2");
        using IConsumer<string, string> member = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = tools.Broker.Bootstrap, GroupId = "watchers", ClientId = "watcher", PartitionAssignmentStrategy = PartitionAssignmentStrategy.RoundRobin,
        }).SetLogHandler((_, _) => { }).Build();
        member.Subscribe("watched");
        await Eventually.True(() => member.Consume(TimeSpan.FromMilliseconds(50)) is null && member.Assignment.Count == 2, "the member has both partitions");

        Assert.Matches(@"watchers\s+watcher-\S+\s+\S+\s+watcher\s+2\s.*watched:0,1", await Run(Groups, "--describe", "--group", "watchers", "--members", "--verbose"));
        Assert.Matches(@"\(1\)\s+roundrobin\s+Stable\s+1", await Run(Groups, "--describe", "--group", "watchers", "--state"));
        Assert.Contains("current state is Stable", await Output(Groups, "--reset-offsets", "--group", "watchers", "--topic", "watched", "--to-latest", "--execute"), StringComparison.Ordinal);
        Assert.Contains("The group is not empty", await Output(Groups, "--delete", "--group", "watchers"), StringComparison.Ordinal);
        member.Close();
    }

    [Fact]
    public async Task Records_are_deleted_and_folders_shown()
    {
        await Run(Topics, "--create", "--topic", "cut");
        await Write("cut", ["a:1", "b:2", "c:3"]);
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["cut.json"], """{"partitions":[{"topic":"cut","partition":0,"offset":2}],"version":1}""", TestContext.Current.CancellationToken);

        Assert.Contains("low_watermark: 2", await Run("DeleteRecordsCommand", "--offset-json-file", folder["cut.json"]), StringComparison.Ordinal);

        Assert.Equal("cut:0:2\n", await Run(Offsets, "--topic", "cut", "--time", "earliest"));
        Assert.Equal("cut:0:3\n", await Run(Offsets, "--topic", "cut", "--time", "latest"));
        Assert.Equal(["3"], Values(await Run(ReadFrom, "--topic", "cut", "--from-beginning", "--max-messages", "1")));
        JsonNode folders = JsonNode.Parse((await Run("LogDirsCommand", "--describe", "--topic-list", "cut")).Split('\n')[2])!["brokers"]![0]!["logDirs"]![0]!;
        Assert.Equal("cut-0", (string?)folders["partitions"]![0]!["partition"]);
        Assert.InRange((long)folders["partitions"]![0]!["size"]!, 1, 1000);
    }

    [Fact]
    public async Task Open_transactions_are_found_with_their_producers()
    {
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = tools.Broker.Bootstrap, TransactionalId = "left-open" }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(10));
        producer.BeginTransaction();
        await producer.ProduceAsync("opened", new Message<string, string> { Value = "uncommitted" }, TestContext.Current.CancellationToken);

        Assert.Matches(@"left-open\s+1\s+\d+\s+Ongoing", await Run(Transactions, "list"));
        Assert.Matches(@"1\s+left-open\s+\d+\s+0\s+Ongoing\s+\d+\s+\d+\s+\d+\s+opened-0", await Run(Transactions, "describe", "--transactional-id", "left-open"));
        Assert.Matches(@"\d+\s+0\s+\d+\s+0\s+\d+\s+0\s", await Run(Transactions, "describe-producers", "--topic", "opened", "--partition", "0"));
        Assert.DoesNotContain("opened", await Run(Transactions, "find-hanging", "--broker-id", "1"), StringComparison.Ordinal);
        producer.AbortTransaction(TimeSpan.FromSeconds(10));
        Assert.Matches(@"left-open\s+1\s+\d+\s+CompleteAbort", await Run(Transactions, "list"));
    }

    [Fact]
    public async Task Everything_that_clients_need_is_advertised_and_the_rest_fails_plainly()
    {
        string versions = await Run("BrokerApiVersionsCommand");
        Assert.Contains("Produce(0): 0 to 11", versions, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\t(Fetch|Metadata|InitProducerId|DeleteRecords|OffsetForLeaderEpoch|DescribeCluster|DescribeTransactions)\(\d+\): UNSUPPORTED", versions);
        Assert.Matches("Cluster ID: .{22}\n", await Run("ClusterTool", arguments => ["cluster-id", .. arguments]));
        foreach ((string tool, string[] arguments, string key) in new (string, string[], string)[]
        {
            ("MetadataQuorumCommand", ["describe", "--status"], "DESCRIBE_QUORUM"), ("AclCommand", ["--list"], "DESCRIBE_ACLS"),
            ("LeaderElectionCommand", ["--election-type", "preferred", "--all-topic-partitions"], "ELECT_LEADERS"),
        })
            Assert.Contains($"The node does not support {key}", await Fails(tool, arguments), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Performance_and_verification_tools_run_to_their_end()
    {
        string written = (await tools.TryAsync("ProducerPerformance", ["--topic", "perf", "--num-records", "20000", "--record-size", "100", "--throughput", "-1",
            "--producer-props", $"bootstrap.servers={tools.Broker.Bootstrap}", "acks=all", "compression.type=lz4"])).Output;
        Assert.Contains("20000 records sent", written, StringComparison.Ordinal);
        string read = await Run("ConsumerPerformance", "--topic", "perf", "--messages", "20000", "--timeout", "20000");
        Assert.Contains(", 20000, ", read, StringComparison.Ordinal);

        string verified = await Shell.RunAsync(Foreign.KafkaTool("kafka-verifiable-producer.sh"), [.. Address, "--topic", "verified", "--max-messages", "50", "--acks", "-1"]);
        Assert.Equal(50, Regex.Count(verified, "producer_send_success"));
        string consumed = await Run("VerifiableConsumer", "--topic", "verified", "--group-id", "verifiers", "--max-messages", "50", "--reset-policy", "earliest", "--verbose");
        Assert.Equal(Enumerable.Range(0, 50).Select(number => $"{number}"), Data().Matches(consumed).Select(match => match.Groups[1].Value));
        Assert.Contains("offsets_committed", consumed, StringComparison.Ordinal);
        Assert.Contains("99.9th", await Run("EndToEndLatency", "--topic", "latency", "--num-records", "100", "--producer-acks", "all", "--record-size", "20"), StringComparison.Ordinal);
    }

    [GeneratedRegex("\"name\":\"record_data\".*\"value\":\"(\\d+)\"")]
    private static partial Regex Data();

    private static IEnumerable<string> Values(string printed) => printed.Split('\n').Where(line => line.Length > 0 && !line.Contains(' ', StringComparison.Ordinal)).Order();

    private Task<string> Run(string tool, params string[] arguments) => Run(tool, address => [.. address, .. arguments]);

    private Task<string> Run(string tool, Func<string[], IEnumerable<string>> arguments) => tools.RunAsync(tool, arguments(Address));

    private async Task<string> Fails(string tool, params string[] arguments)
    {
        (int code, string output) = await tools.TryAsync(tool, [.. Address, .. arguments]);
        Assert.True(code == 1, $"{tool} {string.Join(' ', arguments)} exited with {code}:\n{output}");
        return output;
    }

    /// <summary>What it printed, with whatever exit code: some tools exit with 0 after an error.</summary>
    private async Task<string> Output(string tool, params string[] arguments) => (await tools.TryAsync(tool, [.. Address, .. arguments])).Output;

    private async Task Write(string topic, IEnumerable<string> lines, params string[] options)
    {
        (int code, string output) = await tools.TryAsync("ConsoleProducer",
            [.. Address, "--topic", topic, "--reader-property", "parse.key=true", "--reader-property", "key.separator=:", .. options], string.Concat(lines.Select(line => line + "\n")));
        Assert.True(code == 0, output);
    }

    private string[] Address => ["--bootstrap-server", tools.Broker.Bootstrap];
}
