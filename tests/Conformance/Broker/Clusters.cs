using Assay.Broker;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;
using Assay.Conformance.Tests.Broker;

[assembly: AssemblyFixture(typeof(Clusters))]

namespace Assay.Conformance.Tests.Broker;

/// <summary>The two brokers, each started once for the whole suite, when the first test asks for it.</summary>
public sealed class Clusters : IAsyncDisposable
{
    /// <summary>The shortest session timeout that both accept.</summary>
    public const int ShortestSessionMs = 1_000;

    private readonly Lazy<Task<KafkaBroker>> _ours = new(() => KafkaBroker.StartAsync(new BrokerOptions()));
    private readonly Lazy<Task<ApacheKafkaNode>> _apache = new(StartApacheAsync);

    /// <summary>Whether KAFKA_HOME names a distribution.</summary>
    internal static bool ApacheIsThere => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME"));

    /// <summary>The cases that compare with Apache Kafka: where there is none the first stands for all, and is skipped by the first question to it.</summary>
    public static IEnumerable<T> ComparedWithApache<T>(IEnumerable<T> cases) => ApacheIsThere ? cases : cases.Take(1);

    public async ValueTask DisposeAsync()
    {
        if (_ours.IsValueCreated)
            await (await _ours.Value).DisposeAsync();
        if (_apache is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } started })
            (await started).Dispose();
    }

    /// <summary><c>host:port</c>.</summary>
    internal async Task<string> BootstrapAsync(Target target) => target == Target.Assay ? (await _ours.Value).Bootstrap : (await _apache.Value).Bootstrap;

    /// <summary>A new connection.</summary>
    internal async Task<Client> ConnectAsync(Target target)
    {
        string bootstrap = await BootstrapAsync(target);
        return new Client(target, bootstrap, await RawClient.ConnectAsync(bootstrap));
    }

    private static async Task<ApacheKafkaNode> StartApacheAsync()
    {
        // Its own defaults are for clusters and wait for long.
        ApacheKafkaNode node = await ApacheKafkaNode.StartAsync(
        [
            $"group.min.session.timeout.ms={ShortestSessionMs}",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=50",
            "offsets.topic.num.partitions=1",
            "transaction.state.log.num.partitions=1",
        ]);
        // The first question to each coordinator makes its topic, and is answered once that is there.
        using Client client = new(Target.ApacheKafka, node.Bootstrap, await RawClient.ConnectAsync(node.Bootstrap));
        await Eventually.True(() => CoordinatorsAnswer(client), "Apache Kafka's coordinators answer");
        return node;
    }

    private static async Task<bool> CoordinatorsAnswer(Client client)
    {
        foreach (sbyte kind in (sbyte[])[0, 1])
            if ((await client.AskAsync<FindCoordinatorResponse>(new FindCoordinatorRequest { KeyType = kind, CoordinatorKeys = ["first"] })).Coordinators[0].ErrorCode != KafkaError.None)
                return false;
        OffsetFetchResponse group = await client.AskAsync<OffsetFetchResponse>(new OffsetFetchRequest { GroupId = "first" }, 7);
        InitProducerIdResponse producer = await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest { TransactionalId = "first", TransactionTimeoutMs = 1_000 });
        return group.ErrorCode == KafkaError.None && producer.ErrorCode == KafkaError.None;
    }
}
