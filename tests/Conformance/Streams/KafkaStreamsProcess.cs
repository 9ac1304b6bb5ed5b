using System.Diagnostics;
using System.Text.Json.Nodes;
using Assay.Conformance.Tests.Streams;

[assembly: AssemblyFixture(typeof(KafkaStreamsProcess))]

namespace Assay.Conformance.Tests.Streams;

/// <summary>One Java process for all tests that runs topologies in Kafka Streams' own test driver: KafkaStreamsDriver.java.</summary>
public sealed class KafkaStreamsProcess : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly TemporaryFolder _state = new();
    private readonly Queue<string> _errors = new();
    private Process? _process;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        _state.Dispose();
        _turn.Dispose();
    }

    /// <summary>What Kafka Streams makes of a topology and each of some series of inputs; a skip without KAFKA_HOME.</summary>
    internal async Task<Answer> AskAsync(IReadOnlyList<string> topology, IEnumerable<IReadOnlyList<Input>> runs)
    {
        string java = Foreign.KafkaTool("kafka-run-class.sh");
        JsonObject request = new()
        {
            ["topology"] = new JsonArray([.. topology.Select(line => JsonValue.Create(line))]),
            ["runs"] = new JsonArray([.. runs.Select(inputs => new JsonArray([.. inputs.Select(input => input.ToJson())]))]),
        };
        JsonNode answer = await AskAsync(request, java);
        Assert.True(answer["error"] is null, $"{answer["error"]}\n{string.Join('\n', topology)}");
        return new Answer((string)answer["describe"]!, [.. answer["runs"]!.AsArray().Select(run => Run.FromJson(run!))]);
    }

    /// <summary>The partition time that Kafka Streams reads in a commit's metadata, and the metadata with which it commits one; a skip without KAFKA_HOME.</summary>
    internal async Task<(long Time, string Metadata)> CommitAsync(string metadata, long time)
    {
        JsonNode answer = await AskAsync(new JsonObject { ["commit"] = metadata, ["time"] = time }, Foreign.KafkaTool("kafka-run-class.sh"));
        return ((long)answer["time"]!, (string)answer["metadata"]!);
    }

    private async Task<JsonNode> AskAsync(JsonObject request, string java)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await _turn.WaitAsync(bound.Token);
        try
        {
            bound.CancelAfter(Bound);
            _process ??= Start(java);
            await _process.StandardInput.WriteLineAsync(request.ToJsonString().AsMemory(), bound.Token);
            await _process.StandardInput.FlushAsync(bound.Token);
            string? line = await _process.StandardOutput.ReadLineAsync(bound.Token);
            Assert.True(line is not null, $"The Java process ended: {string.Join('\n', Errors())}");
            return JsonNode.Parse(line)!;
        }
        finally
        {
            _turn.Release();
        }
    }

    private Process Start(string java)
    {
        ProcessStartInfo start = new(java, [Repository.File("tests", "Conformance", "Streams", "KafkaStreamsDriver.java"), _state.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It lives for seconds, in which the first compiler's code pays and the second's does not.
        start.Environment["KAFKA_JVM_OPTS"] = "-XX:TieredStopAtLevel=1";
        start.Environment["KAFKA_LOG_LEVEL"] = "ERROR";
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.Enqueue(line.Data ?? "");
                if (_errors.Count > 40)
                    _errors.Dequeue();
            }
        };
        process.BeginErrorReadLine();
        return process;
    }

    private List<string> Errors()
    {
        lock (_errors)
            return [.. _errors];
    }
}
