namespace Assay.Broker.Tests.Security;

/// <summary>A broker without TLS that lets in the user <c>alice</c> by SCRAM-SHA-512.</summary>
public interface IScramBroker
{
    public const string User = "alice";
    public const string Password = "secret";

    string Bootstrap { get; }
}

/// <summary>Ours.</summary>
public sealed class AssayScramBroker : IScramBroker, IAsyncLifetime
{
    private KafkaBroker? _broker;

    public string Bootstrap => _broker!.Bootstrap;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions
    {
        Sasl = new SaslOptions { Mechanisms = ["SCRAM-SHA-512"], Users = new Dictionary<string, string> { [IScramBroker.User] = IScramBroker.Password } },
    });

    public ValueTask DisposeAsync() => _broker!.DisposeAsync();
}

/// <summary>Apache Kafka, from the distribution that KAFKA_HOME names; without it, its tests are skipped.</summary>
public sealed class ApacheScramBroker : IScramBroker, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;
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
        int port = FreePort.Lasting();
        _process = ChildProcess.StartLeashed(
            _folder["log"], Path.Combine(home, "bin", "one-node.sh"), _folder["data"], $"{port}", "--scram", $"{IScramBroker.User}={IScramBroker.Password}");
        await Eventually.True(
            async () =>
            {
                Assert.False(_process.HasExited, $"Apache Kafka ended: {_process.Tail(5)}");
                try
                {
                    using System.Net.Sockets.TcpClient client = new();
                    await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return false;
                }
            },
            "Apache Kafka listens", TimeSpan.FromSeconds(120));
        _bootstrap = $"127.0.0.1:{port}";
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
