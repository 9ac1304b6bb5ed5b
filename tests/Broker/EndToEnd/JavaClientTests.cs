using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>
/// Apache Kafka's Java producer, consumer and admin client: Behaviours.java and the two beside it, all in one process against one broker. They hold on Apache Kafka too,
/// where that program is given its address.
/// </summary>
public sealed class JavaClientTests(JavaClientTests.Run run) : IClassFixture<JavaClientTests.Run>
{
    [Theory]
    [InlineData("assignor-Range")]
    [InlineData("assignor-RoundRobin")]
    [InlineData("assignor-Sticky")]
    [InlineData("assignor-CooperativeSticky")]
    [InlineData("static-members")]
    [InlineData("transactions")]
    [InlineData("transaction-timeout")]
    [InlineData("fencing")]
    [InlineData("codec-none")]
    [InlineData("codec-gzip")]
    [InlineData("codec-snappy")]
    [InlineData("codec-lz4")]
    [InlineData("codec-zstd")]
    [InlineData("records")]
    [InlineData("too-large")]
    [InlineData("positions")]
    [InlineData("admin-topics")]
    [InlineData("admin-configs")]
    [InlineData("admin-groups")]
    [InlineData("admin-records")]
    [InlineData("admin-producers")]
    [InlineData("admin-cluster")]
    public async Task Java_clients_behave_as_on_Apache_Kafka(string behaviour)
    {
        string printed = await run.OutputAsync();

        Assert.True(printed.Split('\n').Contains($"ok {behaviour}"), printed);
    }

    /// <summary>One run of all behaviours.</summary>
    public sealed class Run : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private readonly SemaphoreSlim _turn = new(1);
        private string? _printed;

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            _turn.Dispose();
            return ValueTask.CompletedTask;
        }

        internal async Task<string> OutputAsync()
        {
            string java = Foreign.KafkaTool("kafka-run-class.sh");
            await _turn.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                return _printed ??= await RunAsync(java);
            }
            finally
            {
                _turn.Release();
            }
        }

        private async Task<string> RunAsync(string java)
        {
            string jars = string.Join(':', Directory.GetFiles(Path.Combine(Path.GetDirectoryName(java)!, "..", "libs"), "*.jar"));
            string[] sources = Directory.GetFiles(Repository.File("tests", "Broker", "Foreign"), "*Behaviours.java");
            string classes = _folder["classes"];
            await Shell.RunAsync(java, ["com.sun.tools.javac.Main", "-nowarn", "-cp", jars, "-d", classes, .. sources], environment: KafkaTools.Environment);
            await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder["broker"] }, ct: TestContext.Current.CancellationToken);
            // A distribution's own script takes the one variable, a folder made of its jars may take the other.
            Dictionary<string, string> environment = new(KafkaTools.Environment) { ["CLASSPATH"] = classes, ["KAFKA_EXTRA_CLASSPATH"] = classes };
            environment["KAFKA_LOG_LEVEL"] = "OFF";
            return await Shell.RunAsync(java, ["Behaviours", broker.Bootstrap], environment: environment);
        }
    }
}
