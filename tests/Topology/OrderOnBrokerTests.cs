using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Schemas;
using Assay.Topology.Tests.Harness;
using Confluent.Kafka;

namespace Assay.Topology.Tests;

/// <summary>As <see cref="OrderTests"/>, with the role itself: instances that come and go on a broker.</summary>
public sealed class OrderOnBrokerTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private readonly RecordingLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public async Task Latest_revisions_are_the_naive_models_whatever_instances_come_and_go(int partitions, int instances)
    {
        int seed = Draw(out RandomCase given);
        await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { RegistryPort = 0 }, ct: Cancellation);
        KafkaConnection kafka = new() { Bootstrap = broker.Bootstrap, Registry = broker.RegistryUrl! };
        await TopicAdmin.EnsureAsync(kafka, new TopicLayout(partitions), _log, TimeProvider.System, Cancellation);
        Send(kafka, given);

        Dictionary<string, NaiveModel.Row> expected = NaiveModel.Compute(given.Options, given.Quotes, given.Messages);
        Random random = new(seed);
        List<Instance> running = [.. Enumerable.Range(0, instances).Select(_ => new Instance(given.Options, kafka, _log))];
        try
        {
            using IConsumer<string, byte[]> consumer = Consume(kafka);
            List<Accuracy> emitted = [];
            int stops = instances;
            await Eventually.True(() =>
            {
                int before = emitted.Count;
                while (consumer.Consume(TimeSpan.Zero) is { } result)
                    emitted.Add(AccuracyJson.Read(result.Message.Value));
                if (emitted.Count > before && stops-- > 0)
                {
                    int place = random.Next(running.Count);
                    running[place].Stop();
                    running[place] = new Instance(given.Options, kafka, _log);
                }
                return Agrees(expected, emitted);
            }, $"the latest revisions are those of ASSAY_TEST_SEED={seed}", Bound);
            Comparison.AssertRevisions(emitted);
            Comparison.AssertLatest(expected, emitted, $"seed {seed}");
        }
        finally
        {
            foreach (Instance instance in running)
                await instance.DisposeAsync();
        }
    }

    /// <summary>A case of some size.</summary>
    private static int Draw(out RandomCase given)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("ASSAY_TEST_SEED"), out int known) ? known : Random.Shared.Next();
        for (; ; seed = unchecked(seed + 1))
        {
            given = new RandomCase(seed);
            if (given.Delivery.Count > 100)
                return seed;
        }
    }

    private static bool Agrees(Dictionary<string, NaiveModel.Row> expected, List<Accuracy> emitted)
    {
        Dictionary<string, Accuracy> latest = emitted.GroupBy(record => record.Id).ToDictionary(id => id.Key, id => id.MaxBy(record => record.Revision)!);
        return latest.Values.Count(record => record.Status != AccuracyStatus.Retracted) == expected.Count
            && expected.All(row => latest.TryGetValue(row.Key, out Accuracy? record) && record.DeviationPct == row.Value.Deviation && record.RoundId == row.Value.Round
                // The last quote of a window need not change its average.
                && Comparison.Sources(record) == row.Value.Sources);
    }

    private static void Send(KafkaConnection kafka, RandomCase given)
    {
        using SchemaRegistryClient registry = kafka.RegistryClient(TimeProvider.System);
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(kafka.Client("test")) { Partitioner = Partitioner.Murmur2Random }).Build();
        InputRecords records = new(registry);
        // Last of all a quote of each pair moves stream time past every closing.
        IEnumerable<object> closings = given.Options.Feeds.Select(feed => feed.Pair).Distinct()
            .Select(pair => new Quote { Pair = pair, Source = given.Options.Sources[0].Name, Price = 1, ObservedAt = given.End });
        foreach (object input in given.Delivery.Concat(closings))
        {
            (string topic, string key, byte[] value, long time) = records.Of(input);
            producer.Produce(topic, new Message<string, byte[]> { Key = key, Value = value, Timestamp = new Timestamp(time, TimestampType.CreateTime) });
        }
        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
    }

    private static IConsumer<string, byte[]> Consume(KafkaConnection kafka)
    {
        IConsumer<string, byte[]> consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig(kafka.Client("test"))
        {
            GroupId = "test",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Subscribe(Topics.Accuracy);
        return consumer;
    }

    /// <summary>The role while it runs.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Instance(AccuracyOptions options, KafkaConnection kafka, RecordingLog log) =>
            _running = new AccuracyApplication(options, kafka, new TopicLayout(), log, TimeProvider.System).RunAsync(_stop.Token);

        /// <summary>Asks it to stop and does not wait: its successor starts beside it.</summary>
        public void Stop() => _stop.Cancel();

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(TimeSpan.FromSeconds(30));
            _stop.Dispose();
        }
    }
}
