using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>Reads the committed end of a topic, from as far back as its reader asks.</summary>
internal sealed class TopicTail(KafkaConnection kafka)
{
    /// <summary>In records per partition; a topic's end of this size takes seconds.</summary>
    public const long FarthestBack = 1_000_000;
    private const long FirstBack = 2_000;
    private const int FurtherBack = 8;
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(10);
    // Beyond the longest time for which somebody else's open transaction can hide the end.
    private static readonly TimeSpan ReadBound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollBound = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Reads all partitions to their present ends, first from a little before them, then from ever farther back, until <paramref name="isEnough"/> or everything
    /// was read. Each attempt begins with <paramref name="restart"/>; a partition's records come in their order.
    /// </summary>
    /// <exception cref="KafkaException">Kafka does not answer, or the topic does not exist.</exception>
    public async Task ReadAsync(string topic, Action restart, Action<ConsumeResult<byte[], byte[]>> add, Func<bool> isEnough, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<TopicPartition, (long Low, long High)> bounds = await BoundsAsync(topic, cancellationToken);
        for (long back = FirstBack; ; back *= FurtherBack)
        {
            long reach = Math.Min(back, FarthestBack);
            restart();
            await Task.Run(() => Read(bounds, reach, add, time, cancellationToken), cancellationToken);
            if (reach == FarthestBack || isEnough() || bounds.Values.All(bound => bound.High - bound.Low <= reach))
                return;
        }
    }

    /// <summary>The ends, open transactions included: what is hidden behind one that is being ended now must be waited for.</summary>
    private async Task<IReadOnlyDictionary<TopicPartition, (long Low, long High)>> BoundsAsync(string topic, CancellationToken cancellationToken)
    {
        using IAdminClient admin = new AdminClientBuilder(kafka.Client("assay-ingest-contracts")).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        // Not the plain metadata request: it would create a missing topic with however many partitions.
        DescribeTopicsResult described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = RequestBound }).WaitAsync(cancellationToken);
        TopicPartition[] all = [.. described.TopicDescriptions.Single().Partitions.Select(partition => new TopicPartition(topic, partition.Partition))];
        return Enumerable.Zip(
                await OffsetsAsync(OffsetSpec.Earliest()), await OffsetsAsync(OffsetSpec.Latest()), (low, high) => (low.TopicPartition, Bounds: (low.Offset.Value, high.Offset.Value)))
            .ToDictionary(bound => bound.TopicPartition, bound => bound.Bounds);

        async Task<IEnumerable<TopicPartitionOffset>> OffsetsAsync(OffsetSpec spec)
        {
            ListOffsetsResult result = await admin.ListOffsetsAsync(
                all.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = spec }),
                new ListOffsetsOptions { RequestTimeout = RequestBound, IsolationLevel = IsolationLevel.ReadUncommitted }).WaitAsync(cancellationToken);
            return result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error.IsError
                ? throw new KafkaException(info.TopicPartitionOffsetError.Error)
                : info.TopicPartitionOffsetError.TopicPartitionOffset).OrderBy(offset => offset.Partition.Value);
        }
    }

    private void Read(
        IReadOnlyDictionary<TopicPartition, (long Low, long High)> bounds, long reach, Action<ConsumeResult<byte[], byte[]>> add, TimeProvider time, CancellationToken cancellationToken)
    {
        ConsumerConfig config = new(kafka.Client("assay-ingest-contracts"))
        {
            // Assigned by hand and never committed: the group exists in name only.
            GroupId = "assay-ingest-contracts",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            // An end that is a marker shows by an empty answer only, which the broker would hold back for half a second.
            FetchWaitMaxMs = 20,
        };
        string? broken = null;
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => broken = error.Code == ErrorCode.Local_AllBrokersDown || error.IsFatal ? error.Reason : broken)
            .Build();
        Dictionary<TopicPartition, long> missing = bounds.Where(bound => bound.Value.High > bound.Value.Low).ToDictionary(bound => bound.Key, bound => bound.Value.High);
        consumer.Assign(missing.Keys.Select(partition => new TopicPartitionOffset(partition, Math.Max(bounds[partition].Low, bounds[partition].High - reach))));
        long started = time.GetTimestamp();
        while (missing.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (broken is not null)
                throw new KafkaException(new Error(ErrorCode.Local_Transport, broken));
            if (time.GetElapsedTime(started) > ReadBound)
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"the end of {missing.Keys.First()} could not be read within {ReadBound.TotalSeconds:0} s"));
            if (consumer.Consume(PollBound) is not { } result)
                continue;
            if (!missing.TryGetValue(result.TopicPartition, out long end))
                continue;
            if (!result.IsPartitionEOF && result.Offset.Value < end)
                add(result);
            // Markers of transactions are no records but take offsets: the end of the partition tells as well.
            if (result.Offset.Value >= (result.IsPartitionEOF ? end : end - 1))
                missing.Remove(result.TopicPartition);
        }
        consumer.Close();
    }
}
