using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Assay.Broker.Tests.Support;

/// <summary>Apache Kafka's command line tools against one broker on disk, all in one Java process: KafkaTools.java.</summary>
public sealed class KafkaTools : IAsyncLifetime
{
    private const string Package = "org.apache.kafka.tools.";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _turn = new(1);
    private Process? _process;

    internal KafkaBroker Broker { get; private set; } = null!;

    internal static Dictionary<string, string> Environment => new()
    {
        // It lives for seconds, in which the first compiler's code pays and the second's does not.
        ["KAFKA_JVM_OPTS"] = "-XX:TieredStopAtLevel=1",
        ["KAFKA_LOG_LEVEL"] = "ERROR",
    };

    public async ValueTask InitializeAsync() => Broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder.Path });

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5_000))
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }
        await Broker.DisposeAsync();
        _folder.Dispose();
        _turn.Dispose();
    }

    /// <summary>What a tool printed; fails the test where it exits with another code than 0.</summary>
    /// <param name="tool">Its class, without the package where that is the tools' own.</param>
    internal async Task<string> RunAsync(string tool, params IEnumerable<string> arguments)
    {
        (int code, string output) = await TryAsync(tool, arguments);
        Assert.True(code == 0, $"{tool} {string.Join(' ', arguments)} exited with {code}:\n{output}");
        return output;
    }

    /// <summary>A tool's exit code and what it printed, with the broker's address before its own arguments.</summary>
    internal async Task<(int Code, string Output)> TryAsync(string tool, IEnumerable<string> arguments, string input = "")
    {
        string java = Foreign.KafkaTool("kafka-run-class.sh");
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        await _turn.WaitAsync(bound.Token);
        try
        {
            _process ??= Start(java);
            JsonObject request = new()
            {
                ["tool"] = tool.StartsWith("kafka.", StringComparison.Ordinal) ? tool : Package + tool,
                ["arguments"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
                ["input"] = input,
            };
            await _process.StandardInput.WriteLineAsync(request.ToJsonString().AsMemory(), bound.Token);
            await _process.StandardInput.FlushAsync(bound.Token);
            string? answer = await _process.StandardOutput.ReadLineAsync(bound.Token);
            Assert.True(answer is not null, $"The Java process ended in {tool}.");
            JsonNode outcome = JsonNode.Parse(answer)!;
            return ((int)outcome["code"]!, (string)outcome["output"]!);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static Process Start(string java)
    {
        ProcessStartInfo start = new(java, [Repository.File("tests", "Broker", "Foreign", "KafkaTools.java")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
