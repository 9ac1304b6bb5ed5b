using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Offsets by time and by epoch, and records that are deleted up to an offset.</summary>
public sealed class OffsetLookupTests(Clusters clusters)
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long Newest = -3;

    [Theory]
    [OnBoth(Latest, 6L, -1L)]
    [OnBoth(Earliest, 0L, -1L)]
    [OnBoth(Newest, 4L, Batch.DefaultTime + 2_000)]
    [OnBoth(-4L, 0L, -1L)]
    [OnBoth(-5L, -1L, -1L)]
    [OnBoth(0L, 0L, Batch.DefaultTime)]
    [OnBoth(Batch.DefaultTime, 0L, Batch.DefaultTime)]
    [OnBoth(Batch.DefaultTime + 1, 2L, Batch.DefaultTime + 1_000)]
    [OnBoth(Batch.DefaultTime + 1_000, 2L, Batch.DefaultTime + 1_000)]
    [OnBoth(Batch.DefaultTime + 2_000, 4L, Batch.DefaultTime + 2_000)]
    [OnBoth(Batch.DefaultTime + 2_001, -1L, -1L)]
    public async Task Offset_at_a_time_is_the_first_at_or_after_it(Target target, long asked, long offset, long timestamp)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        for (int index = 0; index < 3; index++)
            await client.ProduceAsync(topic, new Batch { Records = 2, Time = Batch.DefaultTime + 1_000 * index });

        ListOffsetsResponse.PartitionResponse answer = await client.OffsetAsync(topic, asked);

        Assert.Equal((KafkaError.None, offset, timestamp, offset < 0 ? -1 : 0), (answer.ErrorCode, answer.Offset, answer.Timestamp, answer.LeaderEpoch));
    }

    [Theory]
    [OnBoth(Latest, 0L)]
    [OnBoth(Earliest, 0L)]
    [OnBoth(Newest, -1L)]
    [OnBoth(0L, -1L)]
    public async Task Empty_partition_has_a_start_and_an_end_and_no_times(Target target, long asked, long offset)
    {
        using Client client = await clusters.ConnectAsync(target);

        ListOffsetsResponse.PartitionResponse answer = await client.OffsetAsync(await client.TopicAsync(), asked);

        Assert.Equal((KafkaError.None, offset, -1L), (answer.ErrorCode, answer.Offset, answer.Timestamp));
    }

    [Theory, OnBoth]
    public async Task Newest_timestamp_is_found_where_times_go_back(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        foreach (int late in (int[])[0, 5, 3])
            await client.ProduceAsync(topic, new Batch { Time = Batch.DefaultTime + late });

        ListOffsetsResponse.PartitionResponse answer = await client.OffsetAsync(topic, Newest);

        Assert.Equal((1L, Batch.DefaultTime + 5), (answer.Offset, answer.Timestamp));
    }

    [Theory, OnBoth]
    public async Task Offset_of_what_is_not_there_is_unknown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await client.OffsetAsync(Client.NewName(), Latest)).ErrorCode);
        Assert.Equal(KafkaError.UnknownLeaderEpoch, (await client.OffsetAsync(topic, Latest, epoch: 9)).ErrorCode);
    }

    [Theory]
    [OnBoth(0, -1, KafkaError.None, 0, 3L)]
    [OnBoth(0, 0, KafkaError.None, 0, 3L)]
    [OnBoth(4, -1, KafkaError.None, -1, -1L)]
    [OnBoth(-1, -1, KafkaError.None, -1, -1L)]
    [OnBoth(0, 4, KafkaError.UnknownLeaderEpoch, -1, -1L)]
    public async Task Epoch_ends_where_the_log_does(Target target, int asked, int current, object error, int epoch, long end)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch { Records = 3 });

        OffsetForLeaderEpochResponse.EpochEndOffset answer = await EpochAsync(client, topic, 0, asked, current);

        Assert.Equal((error, epoch, end), (answer.ErrorCode, answer.LeaderEpoch, answer.EndOffset));
    }

    [Theory, OnBoth]
    public async Task Epoch_of_what_is_not_there_is_unknown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);

        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await EpochAsync(client, Client.NewName(), 0, 0, -1)).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await EpochAsync(client, await client.TopicAsync(), 3, 0, -1)).ErrorCode);
    }

    [Theory]
    [OnBoth(2L, KafkaError.None, 2L)]
    [OnBoth(4L, KafkaError.None, 4L)]
    [OnBoth(-1L, KafkaError.None, 4L)]
    [OnBoth(0L, KafkaError.None, 0L)]
    [OnBoth(5L, KafkaError.OffsetOutOfRange, -1L)]
    [OnBoth(-2L, KafkaError.OffsetOutOfRange, -1L)]
    public async Task Records_are_deleted_up_to_an_offset_that_there_is(Target target, long before, object error, long low)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch { Records = 3 });
        await client.ProduceAsync(topic, new Batch());

        DeleteRecordsResponse.PartitionResult answer = await client.DeleteRecordsAsync(topic, before);

        Assert.Equal((error, low), (answer.ErrorCode, answer.LowWatermark));
        Assert.Equal((Math.Max(low, 0), 4L), ((await client.OffsetAsync(topic, Earliest)).Offset, (await client.OffsetAsync(topic, Latest)).Offset));
        Assert.Equal(Math.Max(low, 0) == 4 ? -1 : Math.Max(low, 0), (await client.OffsetAsync(topic, 0)).Offset);
    }

    [Theory, OnBoth]
    public async Task Records_that_are_deleted_already_are_no_error(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch { Records = 3 });
        await client.DeleteRecordsAsync(topic, 2);

        DeleteRecordsResponse.PartitionResult answer = await client.DeleteRecordsAsync(topic, 1);

        Assert.Equal((KafkaError.None, 2L), (answer.ErrorCode, answer.LowWatermark));
    }

    [Theory, OnBoth]
    public async Task Records_are_deleted_only_where_that_is_allowed(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string compacted = await client.TopicAsync(1, ("cleanup.policy", "compact"));
        await client.ProduceAsync(compacted, new Batch());

        Assert.Equal(KafkaError.PolicyViolation, (await client.DeleteRecordsAsync(compacted, 1)).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await client.DeleteRecordsAsync(Client.NewName(), 1)).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await client.DeleteRecordsAsync(compacted, 1, partition: 1)).ErrorCode);
    }

    private static async Task<OffsetForLeaderEpochResponse.EpochEndOffset> EpochAsync(Client client, string topic, int partition, int asked, int current) =>
        (await client.AskAsync<OffsetForLeaderEpochResponse>(new OffsetForLeaderEpochRequest
        {
            Topics =
            [
                new TopicOf<OffsetForLeaderEpochRequest.OffsetForLeaderPartition>
                {
                    Name = topic,
                    Partitions = [new OffsetForLeaderEpochRequest.OffsetForLeaderPartition { Partition = partition, LeaderEpoch = asked, CurrentLeaderEpoch = current }],
                },
            ],
        })).Topics[0].Partitions[0];
}
