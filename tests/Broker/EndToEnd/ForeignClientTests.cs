using Assay.Broker.Tests.Support;

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
    public async Task Kcat_reads_what_it_wrote(string codec)
    {
        string kcat = Foreign.Program("kcat", "apt-get install kcat");
        string lines = string.Concat(Enumerable.Range(0, 500).Select(index => $"line {index}\n"));

        await Shell.RunAsync(kcat, ["-b", _broker.Bootstrap, "-P", "-t", codec, "-z", codec], lines);

        Assert.Equal(lines, await Shell.RunAsync(kcat, ["-b", _broker.Bootstrap, "-C", "-t", codec, "-o", "beginning", "-e", "-q"]));
        Assert.Equal(lines, await Shell.RunAsync(kcat, ["-b", _broker.Bootstrap, "-q", "-c", "500", "-X", "auto.offset.reset=earliest", "-G", $"group-{codec}", codec]));
    }

    [Fact]
    public async Task Console_tools_of_Apache_Kafka_create_write_read_and_describe()
    {
        string[] bootstrap = ["--bootstrap-server", _broker.Bootstrap];
        await Java("kafka-topics.sh", ["--create", "--topic", "console", "--partitions", "2"]);
        await Java("kafka-console-producer.sh", ["--topic", "console"], "one\ntwo\nthree\n");

        string read = await Java("kafka-console-consumer.sh", ["--topic", "console", "--from-beginning", "--max-messages", "3", "--group", "console-group"]);
        string described = await Java("kafka-topics.sh", ["--describe", "--topic", "console"]);
        string offsets = await Java("kafka-consumer-groups.sh", ["--describe", "--group", "console-group", "--offsets"]);

        Assert.Equal(["one", "three", "two"], read.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Assert.Contains("PartitionCount: 2", described, StringComparison.Ordinal);
        Assert.Equal(3, offsets.Split('\n').Where(line => line.Contains(" console ", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3])));

        Task<string> Java(string tool, string[] arguments, string input = "") =>
            Shell.RunAsync(Foreign.KafkaTool(tool), [.. bootstrap, .. arguments], input);
    }

    [Fact]
    public async Task Python_kafka_produces_and_consumes_in_a_group()
    {
        string python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists("/usr/lib/python3/dist-packages/kafka/__init__.py"), "python3-kafka is not on this machine: apt-get install python3-kafka.");

        string output = await Shell.RunAsync(python, [Script("client.py"), _broker.Bootstrap]);

        Assert.Equal("100 records, 0 to 99\n", output);
    }

    [Fact]
    public async Task Kafkajs_produces_transactionally_and_consumes_in_a_group()
    {
        string node = Foreign.Program("node", "install Node.js 18 or later");
        string package = Foreign.NodePackage("kafkajs");

        string output = await Shell.RunAsync(node, [Script("client.cjs"), package, _broker.Bootstrap]);

        Assert.Equal("committed 1,2,3\n", output);
    }

    private static string Script(string name) => Repository.File("tests", "Broker", "Foreign", name);
}
