using System.Diagnostics;
using Assay.Broker;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Streams.Tests.Runtime;

/// <summary>A broker for the runtime suite.</summary>
public interface IKafka
{
    /// <summary><c>host:port</c>.</summary>
    string Bootstrap { get; }
}

/// <summary>Our own broker, in memory.</summary>
public sealed class AssayKafka : IKafka, IAsyncLifetime
{
    private KafkaBroker? _broker;

    public string Bootstrap => _broker!.Bootstrap;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions(), NullLoggerFactory.Instance, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}

/// <summary>Apache Kafka itself, from the distribution that KAFKA_HOME names; without it, its tests are skipped.</summary>
public sealed class ApacheKafka : IKafka, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Process? _process;
    private string? _bootstrap;

    public string Bootstrap
    {
        get
        {
            Assert.SkipWhen(_bootstrap is null, "Apache Kafka is not configured: set KAFKA_HOME to an unpacked distribution.");
            return _bootstrap!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        if (string.IsNullOrEmpty(home))
            return;
        // Its controller takes the next port too, which someone else may have: then it ends at once, and another pair is tried.
        for (int attempt = 0; attempt < 5; attempt++)
        {
            if (await Start(home, FreePort.Next()))
                return;
            _process!.Dispose();
            _process = null;
        }
        Assert.Fail($"Apache Kafka in {home} ends as soon as it is started.");
    }

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
        _bootstrap = $"127.0.0.1:{port}";
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _bootstrap }).SetLogHandler((_, _) => { }).Build();
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
