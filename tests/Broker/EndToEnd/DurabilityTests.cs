using System.Text.Json.Nodes;
using Assay.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>A broker process killed with SIGKILL at random moments under load: what it acknowledged is there, once, in order; transactions are whole or absent.</summary>
public sealed class DurabilityTests : IDisposable
{
    /// <summary><c>./assay test --kills N</c> sets it; each takes about two seconds.</summary>
    private const string KillsVariable = "ASSAY_BROKER_KILLS";
    private const int Keys = 50;
    private const int PerTransaction = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_acknowledged_survives_kills()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable(KillsVariable) ?? "20");
        int seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        Random random = new(seed);
        int port = FreePort.Next();
        List<int> acknowledged = [];
        List<int> committed = [];
        List<int> uncertain = [];
        int next = 0;
        int transaction = 0;
        int commits = 0;
        long committedOffset = -1;
        int registryPort = FreePort.Next();
        Dictionary<string, int> schemas = [];
        int[] latest = new int[Keys];
        BrokerProcess broker = await BrokerProcess.StartAsync(_folder.Path, port, Ct, registryPort);
        using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).SetLogHandler((_, _) => { }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification
            {
                Name = "latest", Configs = new() { ["cleanup.policy"] = "compact", ["segment.bytes"] = "50000", ["min.cleanable.dirty.ratio"] = "0.01" },
            }]);
        using IProducer<string, string> writer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = broker.Bootstrap, EnableIdempotence = true, LingerMs = 1, ReconnectBackoffMs = 10, ReconnectBackoffMaxMs = 50, RetryBackoffMs = 10,
        }).SetLogHandler((_, _) => { }).Build();
        try
        {
            for (int kill = 0; kill < kills; kill++)
            {
                schemas[$"life-{kill}"] = await RegisterAsync($"life-{kill}");
                using CancellationTokenSource life = CancellationTokenSource.CreateLinkedTokenSource(Ct);
                Task transactions = Task.Run(() => Transact(life.Token), Ct);
                // Most kills hit a broker in full swing, wherever the machine's speed puts that; every fourth one that has hardly started.
                int before = Volatile.Read(ref commits);
                if (kill % 4 != 3)
                    await Eventually.True(
                        () =>
                        {
                            Burst();
                            return Volatile.Read(ref commits) > before;
                        },
                        "a transaction is committed");
                TimeSpan more = TimeSpan.FromMilliseconds(random.Next(0, 100));
                for (long since = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(since) < more; await Task.Delay(1, Ct))
                    Burst();
                broker.Kill();
                broker.Dispose();
                await life.CancelAsync();
                broker = await BrokerProcess.StartAsync(_folder.Path, port, Ct, registryPort);
                await transactions;
            }
            Assert.Equal(0, writer.Flush(Bound));

            List<int> plain = [.. Consumers.Read(broker.Bootstrap, "plain", next).Select(result => int.Parse(result.Message.Value))];
            Assert.Equal(Enumerable.Range(0, next), plain);
            Assert.Equal(next, acknowledged.Count);
            List<int> seen = [.. Consumers.Read(broker.Bootstrap, "whole", int.MaxValue, seconds: 3).Select(result => int.Parse(result.Message.Value))];
            Assert.All(seen.GroupBy(number => number), group => Assert.Equal(PerTransaction, group.Count()));
            Assert.Empty(committed.Except(seen));
            Assert.Empty(seen.Except(committed).Except(uncertain));
            Assert.True(committed.Count > 0, "no transaction was committed between the kills");
            List<ConsumeResult<string, string>> states = Consumers.Read(broker.Bootstrap, "latest", int.MaxValue, seconds: 2);
            Assert.Equal(states.Select(state => state.Offset.Value).Order().Distinct(), states.Select(state => state.Offset.Value));
            Assert.Equal(latest, Enumerable.Range(0, Keys).Select(key => int.Parse(states.Last(state => state.Message.Key == $"{key}").Message.Value)));
            // The active segment, of a thousand records or so, is never compacted: after a few kills there is nothing else.
            Assert.InRange(states.Count, Keys, Math.Max(next / 2, 2_000));
            foreach ((string subject, int id) in schemas)
                Assert.Equal(id, await RegisterAsync(subject));
            Assert.Equal(schemas.Count, schemas.Values.Distinct().Count());
            TestContext.Current.SendDiagnosticMessage($"{kills} kills: {next} records, {committed.Count} transactions, {states.Count} of {next} compacted records left");
            Assert.True(committedOffset < 0 || Offset() >= committedOffset, "the group's offset went back");
        }
        finally
        {
            broker.Dispose();
        }

        long Offset()
        {
            using IConsumer<string, string> consumer = Consumers.Make(broker.Bootstrap, "progress", IsolationLevel.ReadCommitted);
            return consumer.Committed([new TopicPartition("whole", 0)], Bound)[0].Offset.Value;
        }

        async Task<int> RegisterAsync(string subject)
        {
            using RegistryHttp registry = new(new Uri($"http://127.0.0.1:{registryPort}"));
            string schema = $"{{\"type\":\"record\",\"name\":\"{subject.Replace('-', '_')}\",\"fields\":[]}}";
            return JsonNode.Parse(await registry.Post($"/subjects/{subject}/versions", schema))!["id"]!.GetValue<int>();
        }

        void Burst()
        {
            for (int burst = 0; burst < 20; burst++)
            {
                int number = next++;
                writer.Produce("latest", new Message<string, string> { Key = $"{number % Keys}", Value = $"{number}" });
                latest[number % Keys] = number;
                writer.Produce("plain", new Message<string, string> { Value = $"{number}" }, report =>
                {
                    if (report.Status == PersistenceStatus.Persisted)
                        lock (acknowledged)
                            acknowledged.Add(number);
                });
            }
        }

        // One producer a life: what the kill leaves open is aborted when the next one takes over the transactional id.
        void Transact(CancellationToken life)
        {
            using IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig
            {
                BootstrapServers = broker.Bootstrap, TransactionalId = "killed", LingerMs = 0, ReconnectBackoffMs = 10, ReconnectBackoffMaxMs = 50,
            }).SetLogHandler((_, _) => { }).Build();
            using IConsumer<string, string> group = Consumers.Make(broker.Bootstrap, "progress", IsolationLevel.ReadCommitted);
            int number = -1;
            try
            {
                producer.InitTransactions(TimeSpan.FromSeconds(2));
                while (!life.IsCancellationRequested)
                {
                    number = transaction++;
                    producer.BeginTransaction();
                    for (int copy = 0; copy < PerTransaction; copy++)
                        producer.Produce("whole", new Message<string, string> { Value = $"{number}" });
                    uncertain.Add(number);
                    producer.CommitTransaction(TimeSpan.FromSeconds(2));
                    committed.Add(number);
                    Interlocked.Increment(ref commits);
                    group.Commit([new TopicPartitionOffset("whole", 0, number)]);
                    committedOffset = number;
                }
            }
            catch (KafkaException)
            {
                // Its broker was killed: this transaction may be there or not, but never in part.
            }
        }
    }

    [Fact]
    public async Task State_of_groups_topics_and_producers_survives_a_clean_restart_and_the_folder_is_locked()
    {
        BrokerOptions options = new() { DataFolder = _folder.Path, Port = FreePort.Next() };
        string clusterId;
        await using (KafkaBroker broker = await KafkaBroker.StartAsync(options, ct: Ct))
        {
            BrokerException locked = await Assert.ThrowsAsync<BrokerException>(() => KafkaBroker.StartAsync(options with { Port = 0 }, ct: Ct));
            Assert.Contains("in use by another broker", locked.Message, StringComparison.Ordinal);
            using IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
            await producer.ProduceAsync("kept", new Message<string, string> { Value = "one" }, Ct);
            using IConsumer<string, string> consumer = Consumers.Make(broker.Bootstrap, "keepers", IsolationLevel.ReadCommitted);
            consumer.Commit([new TopicPartitionOffset("kept", 0, 1)]);
            using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
            clusterId = (await admin.DescribeClusterAsync()).ClusterId;
        }
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder.Path, "logs", "kept-0"), "*.checkpoint"));

        await using (KafkaBroker broker = await KafkaBroker.StartAsync(options, ct: Ct))
        {
            using IConsumer<string, string> consumer = Consumers.Make(broker.Bootstrap, "keepers", IsolationLevel.ReadCommitted);
            Assert.Equal(1, consumer.Committed([new TopicPartition("kept", 0)], Bound)[0].Offset.Value);
            Assert.Equal("one", Consumers.Read(broker.Bootstrap, "kept", 1)[0].Message.Value);
            using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
            Assert.Equal(clusterId, (await admin.DescribeClusterAsync()).ClusterId);
        }
    }
}
