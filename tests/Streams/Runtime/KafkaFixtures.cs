using Assay.Broker;
using Assay.Streams.Tests.Runtime;
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
    private readonly Lazy<Task<ApacheKafkaNode>> _node = new(() => ApacheKafkaNode.StartAsync());

    public Task<string> Bootstrap => Address();

    /// <summary>Kafka shows a transaction's offsets a little after it has said that it is committed.</summary>
    public bool CommitsShowAtOnce => false;

    public async ValueTask DisposeAsync()
    {
        if (_node is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            (await _node.Value).Dispose();
    }

    private async Task<string> Address() => (await _node.Value).Bootstrap;
}
