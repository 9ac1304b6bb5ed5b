using Assay.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>Apache Kafka's TransactionalMessageCopier three times in a row, aborting at random; each of them is killed with SIGKILL in the middle, and so is the broker.</summary>
public sealed class TransactionChainTests
{
    private const int Stages = 3;
    private const int Records = 600;
    private const int PerTransaction = 20;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chain_of_three_copiers_copies_every_record_once_and_in_order_though_all_of_them_are_killed()
    {
        string java = Foreign.KafkaTool("kafka-run-class.sh");
        using TemporaryFolder folder = new();
        int port = FreePort.Next();
        BrokerProcess broker = await BrokerProcess.StartAsync(folder["broker"], port, Ct);
        try
        {
            string bootstrap = broker.Bootstrap;
            using (IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).SetLogHandler((_, _) => { }).Build())
                await admin.CreateTopicsAsync(Enumerable.Range(0, Stages + 1).Select(stage => new TopicSpecification { Name = Topic(stage), NumPartitions = 1 }));
            using (IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrap }).SetLogHandler((_, _) => { }).Build())
            {
                for (int number = 0; number < Records; number++)
                    producer.Produce(Topic(0), new Message<string, string> { Value = $"{number}" });
                producer.Flush(TimeSpan.FromSeconds(10));
            }
            using IConsumer<string, string> watcher = Consumers.Make(bootstrap, "watcher", IsolationLevel.ReadCommitted);
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            Task[] stages = [.. Enumerable.Range(0, Stages).Select(stage => Task.Run(() => CopyAsync(stage, over.Token), Ct))];

            await Eventually.True(() => End(Topic(2)) > Records / 2, "half of the records are copied twice", Bound);
            broker.Kill();
            broker.Dispose();
            broker = await BrokerProcess.StartAsync(folder["broker"], port, Ct);
            Assert.Equal(Records, Consumers.Read(bootstrap, Topic(Stages), Records, "first", seconds: (int)Bound.TotalSeconds).Count);
            await over.CancelAsync();
            await Task.WhenAll(stages);

            IEnumerable<string> copied = Consumers.Read(bootstrap, Topic(Stages), int.MaxValue, "all", seconds: 2).Select(record => record.Message.Value);
            Assert.Equal(Enumerable.Range(0, Records).Select(number => $"{number}"), copied);

            // The end of a topic; 0 while the broker is away.
            long End(string topic)
            {
                try
                {
                    return watcher.QueryWatermarkOffsets(new TopicPartition(topic, 0), TimeSpan.FromSeconds(2)).High;
                }
                catch (KafkaException)
                {
                    return 0;
                }
            }

            // A copier ends at what was its input's end when it began: it is started again until all is over.
            async Task CopyAsync(int stage, CancellationToken until)
            {
                bool killed = false;
                for (int life = 0; !until.IsCancellationRequested; life++)
                {
                    try
                    {
                        while (End(Topic(stage)) <= Records / 4)
                            await Task.Delay(50, until);
                        using ChildProcess copier = ChildProcess.StartLeashed(folder[$"copier-{stage}-{life}.log"], [
                            "/usr/bin/env", .. KafkaTools.Environment.Select(entry => $"{entry.Key}={entry.Value}"), java, "org.apache.kafka.tools.TransactionalMessageCopier",
                            "--broker-list", bootstrap, "--input-topic", Topic(stage), "--input-partition", "0", "--output-topic", Topic(stage + 1), "--consumer-group", $"copiers-{stage}",
                            "--transactional-id", $"copier-{stage}", "--transaction-size", $"{PerTransaction}", "--enable-random-aborts", "--use-group-metadata",
                        ]);
                        while (!copier.HasExited && (killed || End(Topic(stage + 1)) < Records / 3))
                            await Task.Delay(20, until);
                        killed |= !copier.HasExited;
                        copier.Kill();
                    }
                    catch (OperationCanceledException)
                    {
                        return;
                    }
                }
            }
        }
        finally
        {
            broker.Dispose();
        }

        static string Topic(int stage) => $"chain-{stage}";
    }
}
