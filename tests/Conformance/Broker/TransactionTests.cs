using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using static Assay.Conformance.Tests.Broker.Records;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Transactions from their first record to their marker, and what readers see of them.</summary>
public sealed class TransactionTests(Clusters clusters)
{
    private const sbyte Committed = 1;

    [Theory, OnBoth(true), OnBoth(false)]
    public async Task Transaction_that_ended_leaves_a_marker_and_lets_readers_on(Target target, bool commit)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        Assert.Equal(KafkaError.None, await producer.SendAsync(topic, records: 2));

        Assert.Equal(KafkaError.None, await producer.EndAsync(commit));
        await producer.EndedAsync();

        FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Read(topic, 0, isolation: Committed));
        Assert.Equal((3L, 3L), (data.HighWatermark, data.LastStableOffset));
        Assert.Equal([(true, false, 0L), (true, true, 2L)], data.Batches().Select(batch => (batch.Transactional, batch.Control, batch.BaseOffset)));
        Assert.Equal((producer.ProducerId, producer.Epoch, -1), (data.Batches()[1].ProducerId, data.Batches()[1].ProducerEpoch, data.Batches()[1].BaseSequence));
        Assert.Equal(commit ? [] : [(producer.ProducerId, 0L)], data.AbortedTransactions!.Select(aborted => (aborted.ProducerId, aborted.FirstOffset)));
        Assert.Equal((byte)(commit ? 1 : 0), MarkerType(data));
    }

    [Theory, OnBoth]
    public async Task Readers_of_committed_records_stop_at_the_first_open_transaction(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        await client.ProduceAsync(topic, new Batch());
        Producer one = await Producer.StartAsync(client);
        Producer two = await Producer.StartAsync(client);
        await one.SendAsync(topic);
        await two.SendAsync(topic);
        await client.ProduceAsync(topic, new Batch());
        await two.EndAsync(commit: true);
        await two.EndedAsync();

        FetchResponse.FetchableTopicResponse.PartitionData committed = await client.FetchAsync(Read(topic, 0, isolation: Committed));
        FetchResponse.FetchableTopicResponse.PartitionData beyond = await client.FetchAsync(Read(topic, 3, isolation: Committed));
        FetchResponse.FetchableTopicResponse.PartitionData all = await client.FetchAsync(Read(topic, 0));

        Assert.Equal((1, 5L, 1L, 0), (committed.Batches().Count, committed.HighWatermark, committed.LastStableOffset, committed.AbortedTransactions!.Length));
        Assert.Equal((KafkaError.None, 0), (beyond.ErrorCode, beyond.Records!.Value.Length));
        Assert.Equal((5, 1L), (all.Batches().Count, all.LastStableOffset));
        Assert.Equal((1L, 5L), ((await client.OffsetAsync(topic, -1, Committed)).Offset, (await client.OffsetAsync(topic, -1)).Offset));
    }

    [Theory, OnBoth(-1L), OnBoth(-3L), OnBoth(0L), OnBoth(Batch.DefaultTime + 5)]
    public async Task Offsets_beyond_an_open_transaction_are_not_found_for_readers_of_committed_records(Target target, long asked)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topic);
        await client.ProduceAsync(topic, new Batch { Time = Batch.DefaultTime + 5 });

        Assert.Equal(asked == -1 ? 0 : -1, (await client.OffsetAsync(topic, asked, Committed)).Offset);
        Assert.Equal(asked switch { -1 => 2, 0 => 0, _ => 1 }, (await client.OffsetAsync(topic, asked)).Offset);
    }

    [Theory, OnBoth]
    public async Task Reader_of_committed_records_is_woken_by_the_marker(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        using Client reader = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topic);

        Task<FetchResponse.FetchableTopicResponse.PartitionData> waiting = reader.FetchAsync(Read(topic, 0, maxWaitMs: 60_000, isolation: Committed));
        await producer.EndAsync(commit: true);

        Assert.Equal(2, (await waiting).Batches().Count);
    }

    [Theory, OnBoth]
    public async Task Aborted_transactions_are_told_where_they_touch_what_is_read(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        for (int round = 0; round < 2; round++)
        {
            await producer.SendAsync(topic, records: 2);
            await producer.EndAsync(commit: false);
            await producer.EndedAsync();
        }
        await client.ProduceAsync(topic, new Batch());

        async Task<string> AbortedAsync(long offset) => string.Join(
            ' ', (await client.FetchAsync(Read(topic, offset, isolation: Committed))).AbortedTransactions!.Select(aborted => aborted.FirstOffset));

        Assert.Equal("0 3", await AbortedAsync(0));
        Assert.Equal("3", await AbortedAsync(3));
        Assert.Equal("", await AbortedAsync(6));
    }

    [Theory, OnBoth]
    public async Task Transaction_spans_topics_and_ends_in_all_of_them(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string[] topics = [await client.TopicAsync(), await client.TopicAsync(), await client.TopicAsync()];
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topics[0]);
        await producer.SendAsync(topics[1]);
        // Added and not written to: it gets its marker too.
        await producer.AddAsync(topics[2]);

        await producer.EndAsync(commit: true);
        await producer.EndedAsync();

        foreach ((string topic, long end) in topics.Zip([2L, 2L, 1L]))
            Assert.Equal((end, end), ((await client.OffsetAsync(topic, -1)).Offset, (await client.OffsetAsync(topic, -1, Committed)).Offset));
    }

    [Theory, OnBoth(true, true, KafkaError.None), OnBoth(false, false, KafkaError.None), OnBoth(true, false, KafkaError.InvalidTransactionState), OnBoth(false, true, KafkaError.InvalidTransactionState)]
    public async Task End_may_be_repeated_but_not_changed(Target target, bool first, bool second, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topic);
        await producer.EndAsync(first);
        await producer.EndedAsync();

        Assert.Equal(error, await producer.EndAsync(second));
    }

    [Theory, OnBoth(true), OnBoth(false)]
    public async Task Transaction_that_was_not_begun_cannot_be_ended(Target target, bool commit)
    {
        using Client client = await clusters.ConnectAsync(target);

        Assert.Equal(KafkaError.InvalidTransactionState, await (await Producer.StartAsync(client)).EndAsync(commit));
    }

    [Theory, OnBoth((short)10, KafkaError.InvalidTransactionState), OnBoth((short)11, KafkaError.TransactionAbortable)]
    public async Task Partition_that_was_not_added_cannot_be_written_to(Target target, short version, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);

        Assert.Equal(error, await producer.SendOnlyAsync(topic, version: version));
        await producer.SendAsync(await client.TopicAsync());
        Assert.Equal(error, await producer.SendOnlyAsync(topic, version: version));
        Assert.Equal(0, (await client.OffsetAsync(topic, -1)).Offset);
    }

    [Theory, OnBoth]
    public async Task Next_transaction_adds_its_partitions_anew(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topic);
        await producer.EndAsync(commit: true);
        await producer.EndedAsync();

        Assert.Equal(KafkaError.TransactionAbortable, await producer.SendOnlyAsync(topic));
        Assert.Equal(KafkaError.None, await producer.SendAsync(topic));
    }

    [Theory, OnBoth]
    public async Task Producer_with_an_open_transaction_cannot_write_beside_it(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topic);

        Assert.Equal(KafkaError.InvalidTransactionState, (await client.ProduceAsync(topic, Batch.Of(producer.ProducerId, producer.Epoch, 1))).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Topic_that_is_not_there_keeps_the_others_from_being_added(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        AddPartitionsToTxnRequest request = producer.AddRequest(topic, 0, 3);
        request.Topics = [.. request.Topics, new TopicPartitions { Name = Client.NewName(), Partitions = [0] }];

        AddPartitionsToTxnResponse answer = await client.AskAsync<AddPartitionsToTxnResponse>(request);

        Assert.Equal(
            [KafkaError.OperationNotAttempted, KafkaError.UnknownTopicOrPartition, KafkaError.UnknownTopicOrPartition],
            [.. Errors(answer, topic), .. Errors(answer, request.Topics[1].Name)]);
        Assert.Equal("Empty", (await producer.DescribeAsync()).TransactionState);
    }

    [Theory, OnBoth]
    public async Task Transaction_that_takes_too_long_is_aborted_and_its_producer_fenced(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client, timeoutMs: 1_000);
        await producer.SendAsync(topic);

        await producer.EndedAsync();

        Assert.Equal("CompleteAbort", (await producer.DescribeAsync()).TransactionState);
        Assert.Equal([(producer.ProducerId, 0L)], (await client.FetchAsync(Read(topic, 0, isolation: Committed))).AbortedTransactions!.Select(aborted => (aborted.ProducerId, aborted.FirstOffset)));
        Assert.Equal(KafkaError.ProducerFenced, await producer.EndAsync(commit: true));
        Assert.Equal(KafkaError.ProducerFenced, await producer.AddAsync(topic));
        Assert.Equal(KafkaError.InvalidProducerEpoch, await producer.SendOnlyAsync(topic));
    }

    private static KafkaError[] Errors(AddPartitionsToTxnResponse answer, string topic) =>
        [.. answer.Results.Single(each => each.Name == topic).Partitions.OrderBy(each => each.PartitionIndex).Select(each => each.ErrorCode)];

    /// <summary>The type in the key of the second batch's record, a marker: 0 abort, 1 commit.</summary>
    private static byte MarkerType(FetchResponse.FetchableTopicResponse.PartitionData data)
    {
        ReadOnlyMemory<byte> marker = data.Records!.Value[data.Batches()[0].Size..];
        return BatchRecords.Read(marker.Span)[0].Record.Key![3];
    }
}
