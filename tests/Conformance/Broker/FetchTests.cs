using System.Diagnostics;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;
using static Assay.Conformance.Tests.Broker.Records;

namespace Assay.Conformance.Tests.Broker;

/// <summary>What a reader is given, when, and how much of it.</summary>
public sealed class FetchTests(Clusters clusters)
{
    [Theory, OnBoth]
    public async Task Fetch_gives_whole_batches_from_the_one_that_holds_the_offset(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch { Records = 3 });
        await client.ProduceAsync(topic, new Batch { Records = 2 });

        FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Read(topic, 1));

        Assert.Equal([(0L, 3), (3L, 2)], data.Batches().Select(batch => (batch.BaseOffset, batch.Count)));
        Assert.Equal((5L, 5L, 0L), (data.HighWatermark, data.LastStableOffset, data.LogStartOffset));
        Assert.Null(data.AbortedTransactions);
    }

    [Theory, OnBoth(0L), OnBoth(3L)]
    public async Task Fetch_at_the_end_is_empty_and_not_null(Target target, long offset)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        if (offset > 0)
            await client.ProduceAsync(topic, new Batch { Records = (int)offset });

        FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Read(topic, offset));

        Assert.Equal((KafkaError.None, 0, offset), (data.ErrorCode, data.Records!.Value.Length, data.HighWatermark));
    }

    [Theory, OnBoth(3L), OnBoth(-1L), OnBoth(0L)]
    public async Task Offset_outside_of_the_log_is_out_of_range_and_not_waited_for(Target target, long offset)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch { Records = 2 });
        await client.DeleteRecordsAsync(topic, 1);

        FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Read(topic, offset, maxWaitMs: 30_000));

        Assert.Equal((KafkaError.OffsetOutOfRange, -1L, -1L, -1L), (data.ErrorCode, data.HighWatermark, data.LastStableOffset, data.LogStartOffset));
        Assert.Equal(0, data.Records!.Value.Length);
    }

    [Theory, OnBoth(1, 1_000_000), OnBoth(1_000_000, 1), OnBoth(1, 1), OnBoth(0, 0)]
    public async Task First_batch_comes_whole_though_it_is_over_the_limits(Target target, int maxBytes, int partitionMaxBytes)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch { ValueBytes = 500 });
        await client.ProduceAsync(topic, new Batch { ValueBytes = 500 });

        FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Read(topic, 0, maxBytes: maxBytes, partitionMaxBytes: partitionMaxBytes));

        Assert.Equal([0L], data.Batches().Select(batch => batch.BaseOffset));
    }

    [Theory, OnBoth]
    public async Task Limit_of_the_response_holds_over_all_partitions_but_for_the_first_batch(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        for (int partition = 0; partition < 2; partition++)
            await client.ProduceAsync(topic, new Batch { ValueBytes = 500 }, partition: partition);
        FetchRequest request = Read(topic, 0, maxBytes: 300);
        request.Topics[0].Partitions = [.. Enumerable.Range(0, 2).Select(index => new FetchRequest.FetchTopic.FetchPartition { Partition = index, PartitionMaxBytes = 1_000_000 })];

        FetchResponse answer = await client.AskAsync<FetchResponse>(request, 12);

        Assert.Equal([1, 0], answer.Responses[0].Partitions.Select(partition => partition.Batches().Count));
    }

    [Theory, OnBoth]
    public async Task Fetch_waits_for_records_and_is_woken_by_them(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        using Client writer = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Task<FetchResponse.FetchableTopicResponse.PartitionData> waiting = client.FetchAsync(Read(topic, 0, maxWaitMs: 60_000));
        await writer.ProduceAsync(topic, new Batch());

        Assert.Single((await waiting).Batches());
    }

    [Theory, OnBoth]
    public async Task Fetch_waits_until_there_are_as_many_bytes_as_it_wants(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        using Client writer = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        int size = new Batch().ToBytes().Length;

        Task<FetchResponse.FetchableTopicResponse.PartitionData> waiting = client.FetchAsync(Read(topic, 0, maxWaitMs: 60_000, minBytes: size * 3));
        for (int written = 0; written < 3; written++)
            await writer.ProduceAsync(topic, new Batch());

        Assert.Equal(3, (await waiting).Batches().Count);
    }

    [Theory, OnBoth]
    public async Task Fetch_that_waited_long_enough_is_answered_with_what_there_is(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch());
        long began = Stopwatch.GetTimestamp();

        FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Read(topic, 0, maxWaitMs: 200, minBytes: 100_000));

        Assert.Single(data.Batches());
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 190, 20_000);
    }

    [Theory, OnBoth]
    public async Task Offset_out_of_range_in_one_partition_is_not_waited_with(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);

        FetchResponse answer = await client.AskAsync<FetchResponse>(ReadTwo(topic, new FetchRequest.FetchTopic.FetchPartition { Partition = 1, FetchOffset = 7, PartitionMaxBytes = 100 }), 12);

        Assert.Equal([KafkaError.None, KafkaError.OffsetOutOfRange], answer.Responses.SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => each.ErrorCode));
    }

    [Theory, OnBoth]
    public async Task Partition_that_is_not_there_does_not_keep_the_others_from_waiting(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        using Client writer = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Task<FetchResponse> waiting = client.AskAsync<FetchResponse>(ReadTwo(topic, new FetchRequest.FetchTopic.FetchPartition { Partition = 5, PartitionMaxBytes = 100 }), 12);
        await writer.ProduceAsync(topic, new Batch());
        FetchResponse answer = await waiting;

        Assert.Equal(
            [(KafkaError.None, 1), (KafkaError.UnknownTopicOrPartition, 0)],
            answer.Responses.SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => (each.ErrorCode, each.Batches().Count)));
    }

    [Theory, OnBoth]
    public async Task Unknown_topic_is_told_by_name_and_by_id(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        FetchRequest byId = Read("", 0);
        byId.Topics[0].TopicId = Guid.NewGuid();

        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await client.FetchAsync(Read(Client.NewName(), 0))).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicId, (await client.FetchAsync(byId, 13)).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Epoch_that_the_leader_has_not_had_is_unknown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        FetchRequest request = Read(topic, 0);
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = 5;

        Assert.Equal(KafkaError.UnknownLeaderEpoch, (await client.FetchAsync(request)).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Fetch_without_a_session_is_given_none(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        FetchResponse answer = await client.AskAsync<FetchResponse>(Read(topic, 0), 12);

        Assert.Equal((KafkaError.None, 0), (answer.ErrorCode, answer.SessionId));
    }

    [Theory, OnBoth]
    public async Task Fetch_that_asks_for_a_session_is_answered_in_full(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch());
        FetchRequest request = Read(topic, 0);
        request.SessionEpoch = 0;

        FetchResponse answer = await client.AskAsync<FetchResponse>(request, 12);

        // Our broker keeps no sessions and says so with id 0, as Apache Kafka does where it has as many as it can keep.
        Assert.Single(answer.Responses[0].Partitions[0].Batches());
    }

    [Theory, OnBoth(0), OnBoth(12_345)]
    public async Task Session_that_is_not_there_is_not_found(Target target, int session)
    {
        using Client client = await clusters.ConnectAsync(target);
        FetchRequest request = Read(await client.TopicAsync(), 0);
        (request.SessionId, request.SessionEpoch) = (session, 1);

        FetchResponse answer = await client.AskAsync<FetchResponse>(request, 12);

        Assert.Equal((KafkaError.FetchSessionIdNotFound, 0, 0), (answer.ErrorCode, answer.SessionId, answer.Responses.Length));
    }

    private static FetchRequest ReadTwo(string topic, FetchRequest.FetchTopic.FetchPartition second)
    {
        FetchRequest request = Read(topic, 0, maxWaitMs: 60_000);
        request.Topics[0].Partitions = [.. request.Topics[0].Partitions, second];
        return request;
    }
}
