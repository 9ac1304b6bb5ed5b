using System.Diagnostics;
using Assay.Broker;
using Assay.Streams.Tests.Runtime;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(AssayKafka))]
[assembly: AssemblyFixture(typeof(ApacheKafka))]

namespace Assay.Streams.Tests.Runtime;

/// <summary>A broker for the runtime suite: one for all its classes, started by the first test that wants it.</summary>
public interface IKafka
{
    /// <summary><c>host:port</c>, once it answers.</summary>
    Task<string> Bootstrap { get; }

    /// <summary>Whether a group's offsets can be read as soon as the transaction that sets them is committed.</summary>
    bool CommitsShowAtOnce { get; }
}

/// <summary>Our own broker, in memory.</summary>
public sealed class AssayKafka : IKafka, IAsyncDisposable
{
    private readonly Lazy<Task<KafkaBroker>> _broker = new(() => KafkaBroker.StartAsync(new BrokerOptions(), NullLoggerFactory.Instance, TimeProvider.System));

    public Task<string> Bootstrap => Address();

    public bool CommitsShowAtOnce => true;

    public async ValueTask DisposeAsync()
    {
        if (_broker.IsValueCreated)
            await (await _broker.Value).DisposeAsync();
    }

    private async Task<string> Address() => (await _broker.Value).Bootstrap;
}

/// <summary>Apache Kafka itself, from the distribution that KAFKA_HOME names; without it, its tests are skipped.</summary>
public sealed class ApacheKafka : IKafka, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _bootstrap;
    private Process? _process;

    public ApacheKafka() => _bootstrap = new(Start);

    public Task<string> Bootstrap => _bootstrap.Value;

    /// <summary>Kafka shows a transaction's offsets a little after it has said that it is committed.</summary>
    public bool CommitsShowAtOnce => false;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }
        _folder.Dispose();
    }

    private async Task<string> Start()
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "Apache Kafka is not configured: set KAFKA_HOME to an unpacked distribution.");
        // Its controller takes the next port too, which someone else may have: then it ends at once, and another pair is tried.
        for (int attempt = 0; attempt < 5; attempt++)
        {
            int port = FreePort.Next();
            if (await Start(home!, port))
                return $"127.0.0.1:{port}";
            _process!.Dispose();
            _process = null;
        }
        throw new InvalidOperationException($"Apache Kafka in {home} ends as soon as it is started.");
    }

    private async Task<bool> Start(string home, int port)
    {
        _process = Process.Start(new ProcessStartInfo(Path.Combine(home, "bin", "one-node.sh"), [_folder[$"{port}"], $"{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = $"127.0.0.1:{port}" }).SetLogHandler((_, _) => { }).Build();
        await Eventually.True(() => _process.HasExited || Answers(admin), "Apache Kafka answers", TimeSpan.FromSeconds(120));
        return !_process.HasExited;
    }

    private static bool Answers(IAdminClient admin)
    {
        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(1)).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
