using Assay.Avro.Registry;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.Demo;

/// <summary>Reads committed records of the accuracy topic from now on, without a group, as somebody who looks in does.</summary>
internal sealed class AccuracyFollower(KafkaConnection connection, Action<Accuracy> seen, TimeProvider time)
{
    private static readonly TimeSpan PollBound = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(int partitions, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Follow(partitions, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Follow(int partitions, CancellationToken cancellationToken)
    {
        ConsumerConfig config = new(connection.Client("assay-demo"))
        {
            GroupId = "assay-demo",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            // The table wants the newest only.
            QueuedMaxMessagesKbytes = 1_024,
        };
        using IConsumer<Ignore, byte[]> consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using SchemaRegistryClient registry = connection.RegistryClient(time);
        AccuracyReader reader = new(registry);
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(Topics.Accuracy, partition, Offset.End)));
        while (!cancellationToken.IsCancellationRequested)
        {
            if (consumer.Consume(PollBound) is { Message.Value: { } value })
                seen(reader.Read(value));
        }
    }
}
