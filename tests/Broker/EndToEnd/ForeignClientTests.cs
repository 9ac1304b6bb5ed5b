using Assay.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>Clients that no one here wrote, against one broker on disk.</summary>
public sealed class ForeignClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private KafkaBroker _broker = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder.Path }, ct: Ct);

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Kcat_reads_what_it_wrote(string codec)
    {
        string kcat = Foreign.Program("kcat", "apt-get install kcat");
        string lines = string.Concat(Enumerable.Range(0, 500).Select(index => $"line {index}\n"));

        await Shell.RunAsync(kcat, ["-b", _broker.Bootstrap, "-P", "-t", codec, "-z", codec], lines);

        Assert.Equal(lines, await Shell.RunAsync(kcat, ["-b", _broker.Bootstrap, "-C", "-t", codec, "-o", "beginning", "-e", "-q"]));
        Assert.Equal(lines, await Shell.RunAsync(kcat, ["-b", _broker.Bootstrap, "-q", "-c", "500", "-X", "auto.offset.reset=earliest", "-G", $"group-{codec}", codec]));
    }

    [Fact]
    public async Task Kcat_shows_headers_times_tombstones_offsets_and_metadata()
    {
        string kcat = Foreign.Program("kcat", "apt-get install kcat");
        string[] at = ["-b", _broker.Bootstrap];
        await Shell.RunAsync(kcat, [.. at, "-P", "-t", "shown", "-K", ":", "-H", "from=kcat", "-Z"], "a:1\nb:\n");

        Assert.Equal("0 a=1 from=kcat 1\n1 b= from=kcat -1\n", await Shell.RunAsync(kcat, [.. at, "-C", "-t", "shown", "-o", "beginning", "-e", "-q", "-f", "%o %k=%s %h %S\n"]));
        Assert.Equal("b", await Shell.RunAsync(kcat, [.. at, "-C", "-t", "shown", "-o", "-1", "-e", "-q", "-f", "%k"]));
        Assert.Equal("shown [0] offset 0\n", await Shell.RunAsync(kcat, [.. at, "-Q", "-t", "shown:0:1000"]));
        Assert.Contains("topic \"shown\" with 1 partitions:", await Shell.RunAsync(kcat, [.. at, "-L"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("range")]
    [InlineData("roundrobin")]
    [InlineData("cooperative-sticky")]
    public async Task Kcat_shares_a_topic_with_another_member_of_its_group(string assignor)
    {
        string kcat = Foreign.Program("kcat", "apt-get install kcat");
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = "shared", NumPartitions = 4 }]);
        using IConsumer<string, string> other = new ConsumerBuilder<string, string>(new ConsumerConfig(new Dictionary<string, string>
        {
            ["partition.assignment.strategy"] = assignor, ["bootstrap.servers"] = _broker.Bootstrap, ["group.id"] = "sharers", ["heartbeat.interval.ms"] = "200",
        })).SetLogHandler((_, _) => { }).Build();
        other.Subscribe("shared");
        await Eventually.True(() => Assigned() == 4, "one member has all");
        using ChildProcess member = ChildProcess.StartLeashed(
            _folder["kcat.log"], kcat, "-b", _broker.Bootstrap, "-X", $"partition.assignment.strategy={assignor}", "-X", "session.timeout.ms=6000", "-G", "sharers", "shared");

        await Eventually.True(() => Assigned() == 2 && member.Tail(20).Contains("shared [", StringComparison.Ordinal), "each has half");
        await member.StopAsync(TimeSpan.FromSeconds(10));
        await Eventually.True(() => Assigned() == 4, "all is back");
        other.Close();

        int Assigned()
        {
            other.Consume(TimeSpan.FromMilliseconds(20));
            return other.Assignment.Count;
        }
    }

    /// <summary>As a person would call them; <see cref="KafkaToolsTests"/> has what the tools can do.</summary>
    [Fact]
    public async Task Console_producer_and_consumer_of_Apache_Kafka_write_and_read()
    {
        string[] topic = ["--bootstrap-server", _broker.Bootstrap, "--topic", "console"];
        await Shell.RunAsync(Foreign.KafkaTool("kafka-console-producer.sh"), topic, "one\ntwo\nthree\n");

        Assert.Equal("one\ntwo\nthree\n", await Shell.RunAsync(Foreign.KafkaTool("kafka-console-consumer.sh"), [.. topic, "--from-beginning", "--max-messages", "3"]));
    }

    [Fact]
    public async Task Python_kafka_uses_all_codecs_shares_topics_in_groups_and_administers()
    {
        string python = "/usr/bin/python3";
        foreach (string package in (string[])["kafka", "snappy", "lz4", "zstandard"])
            Assert.SkipUnless(Directory.Exists($"/usr/lib/python3/dist-packages/{package}"), $"python3-{package} is not on this machine: apt-get install python3-{package}.");

        string output = await Shell.RunAsync(python, [Script("client.py"), _broker.Bootstrap]);

        Assert.Equal(
            """
            None: 100 records, 0 to 99
            gzip: 100 records, 0 to 99
            snappy: 100 records, 0 to 99
            lz4: 100 records, 0 to 99
            zstd: 100 records, 0 to 99
            range: 40 records
            roundrobin: 40 records
            made once
            retention 1000000, 3 partitions, True, Empty, 40 committed
            offsets 0 10 0
            gone True True

            """,
            output);
    }

    [Fact]
    public async Task Kafkajs_uses_all_codecs_groups_transactions_and_administers()
    {
        string node = Foreign.Program("node", "install Node.js 18 or later");
        Foreign.NodePackage("kafkajs");

        string output = await Shell.RunAsync(node, [Script("client.cjs"), Foreign.NodeModules, _broker.Bootstrap]);

        Assert.Equal(
            """
            codecs: none gzip snappy lz4 zstd
            group: 2 members, 40 records
            transactions: 1,2,3 at 3
            administration: {"policy":"compact","partitions":2,"high":"10","low":"4","byTime":"4","moved":"2","state":"Empty","listed":true,"brokers":1,"controller":1,"gone":true}

            """,
            output);
    }

    private static string Script(string name) => Repository.File("tests", "Broker", "Foreign", name);
}
