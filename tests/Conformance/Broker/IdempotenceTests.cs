using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Sequences and epochs of idempotent producers.</summary>
public sealed class IdempotenceTests(Clusters clusters)
{
    private const KafkaError OutOfOrder = KafkaError.OutOfOrderSequenceNumber;

    [Theory, OnBoth]
    public async Task Producers_without_a_transactional_id_get_an_id_each(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);

        InitProducerIdResponse one = await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest());
        InitProducerIdResponse two = await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest { ProducerId = one.ProducerId, ProducerEpoch = 0 });

        Assert.Equal((KafkaError.None, 0, KafkaError.None, 0), (one.ErrorCode, one.ProducerEpoch, two.ErrorCode, two.ProducerEpoch));
        Assert.NotEqual(one.ProducerId, two.ProducerId);
    }

    /// <summary>What a producer sends after batches of two records with the sequences 0, 2, 4, … up to 12, in epoch 1.</summary>
    [Theory]
    [OnBoth((short)1, 14, 1, KafkaError.None, 14L)]
    [OnBoth((short)1, 12, 2, KafkaError.None, 12L)]
    [OnBoth((short)1, 4, 2, KafkaError.None, 4L)]
    [OnBoth((short)1, 2, 2, OutOfOrder, -1L)]
    [OnBoth((short)1, 12, 1, OutOfOrder, -1L)]
    [OnBoth((short)1, 13, 1, OutOfOrder, -1L)]
    [OnBoth((short)1, 15, 1, OutOfOrder, -1L)]
    [OnBoth((short)1, 0, 1, OutOfOrder, -1L)]
    [OnBoth((short)0, 14, 1, KafkaError.InvalidProducerEpoch, -1L)]
    [OnBoth((short)0, 0, 1, KafkaError.InvalidProducerEpoch, -1L)]
    [OnBoth((short)2, 0, 1, KafkaError.None, 14L)]
    [OnBoth((short)2, 14, 1, OutOfOrder, -1L)]
    [OnBoth((short)7, 0, 3, KafkaError.None, 14L)]
    public async Task Batch_follows_is_known_or_is_refused(Target target, short epoch, int sequence, int records, object error, long offset)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        long id = (await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest())).ProducerId;
        for (int sent = 0; sent <= 12; sent += 2)
            Assert.Equal(KafkaError.None, (await client.ProduceAsync(topic, Batch.Of(id, 1, sent, 2))).ErrorCode);

        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, Batch.Of(id, epoch, sequence, records));

        Assert.Equal((error, offset), (answer.ErrorCode, answer.BaseOffset));
        bool appended = answer.ErrorCode == KafkaError.None && offset == 14;
        Assert.Equal(appended ? 14 + records : 14, (await client.OffsetAsync(topic, -1)).Offset);
    }

    [Theory, OnBoth(0), OnBoth(5)]
    public async Task Producer_that_is_not_known_may_start_anywhere(Target target, int sequence)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        long id = (await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest())).ProducerId;

        Assert.Equal(KafkaError.None, (await client.ProduceAsync(topic, Batch.Of(id, 0, sequence))).ErrorCode);
        Assert.Equal(OutOfOrder, (await client.ProduceAsync(topic, Batch.Of(id, 0, sequence + 2))).ErrorCode);
    }

    [Theory]
    [OnBoth(int.MaxValue - 1, 2, 0)]
    [OnBoth(int.MaxValue, 1, 0)]
    [OnBoth(int.MaxValue - 1, 4, 2)]
    public async Task Sequence_wraps_to_0_after_the_largest(Target target, int sequence, int records, int next)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        long id = (await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest())).ProducerId;
        await client.ProduceAsync(topic, Batch.Of(id, 0, sequence, records));

        Assert.Equal(OutOfOrder, (await client.ProduceAsync(topic, Batch.Of(id, 0, next + 1))).ErrorCode);
        Assert.Equal((KafkaError.None, (long)records), await SendAsync(client, topic, Batch.Of(id, 0, next)));
        Assert.Equal((KafkaError.None, 0L), await SendAsync(client, topic, Batch.Of(id, 0, sequence, records)));
    }

    [Theory, OnBoth]
    public async Task Partitions_count_for_themselves(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        long id = (await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest())).ProducerId;

        await client.ProduceAsync(topic, Batch.Of(id, 0, 0, 3));

        Assert.Equal(KafkaError.None, (await client.ProduceAsync(topic, Batch.Of(id, 0, 0), partition: 1)).ErrorCode);
        Assert.Equal(KafkaError.None, (await client.ProduceAsync(topic, Batch.Of(id, 0, 3))).ErrorCode);
    }

    private static async Task<(KafkaError, long)> SendAsync(Client client, string topic, Batch batch)
    {
        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, batch);
        return (answer.ErrorCode, answer.BaseOffset);
    }
}
