using System.Buffers.Binary;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using static Assay.Conformance.Tests.Broker.Records;

namespace Assay.Conformance.Tests.Broker;

/// <summary>What a producer may write and what it is told.</summary>
public sealed class ProduceTests(Clusters clusters)
{
    [Theory, OnBoth((short)1), OnBoth((short)-1)]
    public async Task Batches_get_the_offsets_that_follow(Target target, short acks)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        await client.ProduceAsync(topic, new Batch { Records = 3 }, acks);
        ProduceResponse.PartitionProduceResponse second = await client.ProduceAsync(topic, new Batch(), acks);

        Assert.Equal((KafkaError.None, 3L, -1L, 0L), (second.ErrorCode, second.BaseOffset, second.LogAppendTimeMs, second.LogStartOffset));
    }

    [Theory, OnBoth]
    public async Task Produce_without_acknowledgement_has_no_answer_and_keeps_its_place(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        await client.Connection.SendAsync(0, 9, Write(topic, new Batch { Records = 2 }.ToBytes(), acks: 0));
        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, new Batch());

        Assert.Equal(2, answer.BaseOffset);
    }

    [Theory, OnBoth]
    public async Task Produce_without_acknowledgement_that_fails_closes_the_connection(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);

        await client.Connection.SendAsync(0, 9, Write(Client.NewName(), new Batch().ToBytes(), acks: 0));

        Assert.Null(await client.Connection.ReceiveAsync());
    }

    [Theory, OnBoth]
    public async Task Acks_other_than_0_1_and_all_are_refused(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Assert.Equal(KafkaError.InvalidRequiredAcks, (await client.ProduceAsync(topic, new Batch(), acks: 2)).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Topic_or_partition_that_is_not_there_is_unknown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await client.ProduceAsync(Client.NewName(), new Batch())).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await client.ProduceAsync(topic, new Batch(), partition: 1)).ErrorCode);
    }

    /// <summary>Ways to send what is no sound batch, with what the producer is told.</summary>
    private static readonly Dictionary<string, (Batch Batch, KafkaError Error)> Unsound = new()
    {
        ["a CRC that does not hold"] = (new Batch { Corrupt = bytes => bytes[17] ^= 1 }, KafkaError.CorruptMessage),
        ["a record that was changed"] = (new Batch { Corrupt = bytes => bytes[^1] ^= 1 }, KafkaError.CorruptMessage),
        ["message format 3"] = (new Batch { Spoil = bytes => bytes[16] = 3 }, KafkaError.CorruptMessage),
        ["message format 1"] = (new Batch { Spoil = bytes => bytes[16] = 1 }, KafkaError.InvalidRecord),
        ["message format 0"] = (new Batch { Spoil = bytes => bytes[16] = 0 }, KafkaError.InvalidRecord),
        ["a control batch"] = (new Batch { Spoil = bytes => bytes[22] |= 0x20 }, KafkaError.InvalidRecord),
        ["no records"] = (new Batch { Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(57), 0) }, KafkaError.InvalidRecord),
        ["a count of fewer records"] = (new Batch { Records = 2, Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(57), 1) }, KafkaError.InvalidRecord),
        ["a count of more records"] = (new Batch { Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(57), 2) }, KafkaError.InvalidRecord),
        ["a last offset delta beyond the count"] = (new Batch { Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(23), 5) }, KafkaError.InvalidRecord),
        ["a negative last offset delta"] = (new Batch { Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(23), -1) }, KafkaError.InvalidRecord),
        ["a length beyond its bytes"] = (new Batch { Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), bytes.Length) }, KafkaError.InvalidRecord),
        ["a length of less than a header"] = (new Batch { Spoil = bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), 5) }, KafkaError.CorruptMessage),
        ["a producer without a sequence"] = (new Batch { ProducerId = 5, Epoch = 0 }, KafkaError.InvalidRecord),
        ["a transaction without a transactional id"] = (Batch.Of(5, 0, 0) with { Transactional = true }, KafkaError.TransactionalIdAuthorizationFailed),
    };

    public static IEnumerable<string> UnsoundBatches => Unsound.Keys;

    [Theory, OnBothWith(nameof(UnsoundBatches))]
    public async Task Unsound_batch_is_refused(Target target, string how)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        (Batch batch, KafkaError expected) = Unsound[how];

        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, batch);

        Assert.Equal((expected, -1L), (answer.ErrorCode, answer.BaseOffset));
        Assert.Equal(0, (await client.OffsetAsync(topic, -1)).Offset);
    }

    [Theory, OnBoth]
    public async Task Two_batches_for_a_partition_are_refused(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        ProduceResponse answer = await client.AskAsync<ProduceResponse>(Write(topic, [.. new Batch().ToBytes(), .. new Batch().ToBytes()]));

        Assert.Equal(KafkaError.InvalidRecord, answer.Responses[0].Partitions[0].ErrorCode);
    }

    [Theory, OnBoth(true), OnBoth(false)]
    public async Task Partition_without_records_is_refused(Target target, bool isNull)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        ProduceResponse answer = await client.AskAsync<ProduceResponse>(Write(topic, isNull ? null : []));

        Assert.Equal(KafkaError.InvalidRecord, answer.Responses[0].Partitions[0].ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Batch_over_the_topics_limit_is_too_large_and_one_at_the_limit_is_not(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Batch batch = new() { ValueBytes = 1_000 };
        int size = batch.ToBytes().Length;
        string topic = await client.TopicAsync(1, ("max.message.bytes", $"{size}"));

        Assert.Equal(KafkaError.None, (await client.ProduceAsync(topic, batch)).ErrorCode);
        Assert.Equal(KafkaError.MessageTooLarge, (await client.ProduceAsync(topic, batch with { ValueBytes = 1_001 })).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Topic_that_stamps_records_says_when(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(1, ("message.timestamp.type", "LogAppendTime"));

        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, new Batch { Records = 2 });

        BatchHeader stored = (await client.FetchAsync(Read(topic, 0))).Batches()[0];
        Assert.True(answer.LogAppendTimeMs > Batch.DefaultTime);
        Assert.Equal((answer.LogAppendTimeMs, true), (stored.MaxTimestamp, stored.StampedOnAppend));
    }

    [Theory]
    [OnBoth("message.timestamp.before.max.ms", -60_000L, KafkaError.InvalidTimestamp)]
    [OnBoth("message.timestamp.before.max.ms", 0L, KafkaError.None)]
    [OnBoth("message.timestamp.after.max.ms", 60_000L, KafkaError.InvalidTimestamp)]
    [OnBoth("message.timestamp.after.max.ms", 0L, KafkaError.None)]
    public async Task Record_whose_time_is_too_far_from_the_brokers_is_refused_where_the_topic_says_so(Target target, string setting, long away, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(1, (setting, "30000"));

        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, new Batch { Time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + away });

        Assert.Equal(error, answer.ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Record_without_a_key_is_refused_by_a_compacted_topic(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(1, ("cleanup.policy", "compact"));

        Assert.Equal(KafkaError.InvalidRecord, (await client.ProduceAsync(topic, new Batch { Keyed = false, Records = 2 })).ErrorCode);
        Assert.Equal(KafkaError.None, (await client.ProduceAsync(topic, new Batch())).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Zstandard_needs_the_version_that_brought_it(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, new Batch { Spoil = bytes => bytes[22] |= 4 }, version: 6);

        Assert.Equal(KafkaError.UnsupportedCompressionType, answer.ErrorCode);
    }

    [Theory, OnBoth]
    public async Task One_request_writes_to_many_partitions_and_each_has_its_own_answer(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        ProduceRequest request = Write(topic, new Batch().ToBytes());
        request.TopicData[0].Partitions =
        [
            new ProduceRequest.PartitionProduceData { Index = 1, Records = new Batch { Records = 2 }.ToBytes() },
            new ProduceRequest.PartitionProduceData { Index = 0, Records = new Batch { Corrupt = bytes => bytes[^1] ^= 1 }.ToBytes() },
            new ProduceRequest.PartitionProduceData { Index = 7, Records = new Batch().ToBytes() },
        ];

        ProduceResponse answer = await client.AskAsync<ProduceResponse>(request);

        Assert.Equal(
            [(0, KafkaError.CorruptMessage, -1L), (1, KafkaError.None, 0L), (7, KafkaError.UnknownTopicOrPartition, -1L)],
            answer.Responses.SelectMany(each => each.Partitions).OrderBy(each => each.Index).Select(each => (each.Index, each.ErrorCode, each.BaseOffset)));
    }
}
