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
    private ApacheKafkaNode? _node;

    public string Bootstrap
    {
        get
        {
            Assert.SkipWhen(_node is null, "Apache Kafka is not configured: set KAFKA_HOME to an unpacked distribution.");
            return _node!.Bootstrap;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")))
            _node = await ApacheKafkaNode.StartAsync(arguments: ["--scram", $"{IScramBroker.User}={IScramBroker.Password}"]);
    }

    public ValueTask DisposeAsync()
    {
        _node?.Dispose();
        return ValueTask.CompletedTask;
    }
}
