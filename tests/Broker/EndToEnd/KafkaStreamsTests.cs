using System.Buffers.Binary;
using Assay.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>Kafka Streams, the Java one, exactly once (v2) on this broker.</summary>
public sealed class KafkaStreamsTests
{
    private const int Lines = 2_000;
    private const int KillAfter = Lines / 3;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly string[] Words = ["alpha", "beta", "gamma", "delta", "epsilon"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Word_count_of_two_instances_counts_every_word_once_though_one_is_killed()
    {
        string java = Foreign.KafkaTool("kafka-run-class.sh");
        using TemporaryFolder folder = new();
        await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = folder["broker"] }, ct: Ct);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = "lines", NumPartitions = 4 }, new TopicSpecification { Name = "counts", NumPartitions = 2 }]);
        using ChildProcess victim = Start("victim");
        using ChildProcess heir = Start("heir");
        using IProducer<Null, string> producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.Bootstrap }).SetLogHandler((_, _) => { }).Build();
        using IConsumer<string, byte[]> reader = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = broker.Bootstrap, GroupId = "counted", AutoOffsetReset = AutoOffsetReset.Earliest, IsolationLevel = IsolationLevel.ReadCommitted,
        }).SetLogHandler((_, _) => { }).Build();
        reader.Subscribe("counts");
        Dictionary<string, List<long>> counts = Words.ToDictionary(word => word, _ => new List<long>());

        await Eventually.True(() => Running(victim) && Running(heir), "both instances run", Bound);
        for (int line = 0; line < Lines; line++)
        {
            producer.Produce(new TopicPartition("lines", line % 4), new Message<Null, string> { Value = string.Join(' ', Words) });
            // With transactions open, and records both in the tasks that stay and in those that move.
            if (line == KillAfter)
            {
                producer.Flush(Bound);
                await Eventually.True(() => Read() > 0, "something is counted", Bound);
                victim.Kill();
            }
        }
        producer.Flush(Bound);
        await Eventually.True(() => Read() >= Lines * Words.Length, "everything is counted", Bound);

        Assert.All(Words, word => Assert.Equal(Enumerable.Range(1, Lines).Select(count => (long)count), counts[word]));

        ChildProcess Start(string name) => ChildProcess.Start(folder[$"{name}.log"], "/usr/bin/env",
            [.. KafkaTools.Environment.Select(entry => $"{entry.Key}={entry.Value}"), java, Repository.File("tests", "Broker", "Foreign", "WordCount.java"), broker.Bootstrap, folder[name]]);

        bool Running(ChildProcess instance) => instance.HasExited ? throw new InvalidOperationException(instance.Tail(20)) : instance.Tail(1) == "RUNNING";

        int Read()
        {
            while (reader.Consume(TimeSpan.FromMilliseconds(50)) is { } record)
                counts[record.Message.Key].Add(BinaryPrimitives.ReadInt64BigEndian(record.Message.Value));
            return counts.Values.Sum(list => list.Count);
        }
    }
}
