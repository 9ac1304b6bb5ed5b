using Assay.Schemas;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Cli.Tail;

/// <summary>Follows a topic on all its partitions without joining a group: committed records, in the order in which each partition has them.</summary>
internal sealed class TopicTail(KafkaConnection connection, RecordDecoder decoder)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(10);

    /// <summary>Calls <paramref name="show"/> for each record until cancelled, or until it returns false; <paramref name="idle"/> when no further record is at hand.</summary>
    public async Task FollowAsync(
        IReadOnlyList<TopicPartition> partitions, bool fromBeginning, Func<TailedRecord, bool> show, Action idle, CancellationToken cancellationToken)
    {
        ConsumerConfig config = new(connection.Client("assay-tail"))
        {
            // Never committed to: partitions are assigned by hand, but the client wants a name.
            GroupId = "assay-tail",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        };
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, fromBeginning ? Offset.Beginning : Offset.End)));
        bool more = true;
        while (more)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ConsumeResult<byte[], byte[]>? record = consumer.Consume(TimeSpan.Zero);
            if (record is null)
            {
                idle();
                record = consumer.Consume(Poll);
            }
            if (record is not null)
                more = show(await decoder.DecodeAsync(record, cancellationToken));
        }
        idle();
    }

    /// <exception cref="UserException">Kafka does not answer, or has no such topic.</exception>
    public async Task<IReadOnlyList<TopicPartition>> PartitionsAsync(string topic, CancellationToken cancellationToken)
    {
        using IAdminClient admin = new AdminClientBuilder(connection.Client("assay-tail")).SetLogHandler((_, _) => { }).Build();
        try
        {
            DescribeTopicsResult found = await admin
                .DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = RequestBound })
                .WaitAsync(cancellationToken);
            return [.. found.TopicDescriptions[0].Partitions.Select(partition => new TopicPartition(topic, partition.Partition))];
        }
        catch (DescribeTopicsException failure)
        {
            Error error = failure.Results.TopicDescriptions[0].Error;
            throw new UserException(error.Code == ErrorCode.UnknownTopicOrPart
                ? $"Kafka at {connection.Bootstrap} has no topic '{topic}'."
                : $"Kafka at {connection.Bootstrap} does not show the topic '{topic}': {error.Reason}.", failure);
        }
        catch (KafkaException failure)
        {
            throw new UserException($"Kafka at {connection.Bootstrap} does not answer ({failure.Error.Reason}); is it running, and is kafka.bootstrap right?", failure);
        }
    }
}
