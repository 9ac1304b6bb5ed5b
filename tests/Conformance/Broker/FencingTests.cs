using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Identities of transactional producers: who gets one, and whom that fences.</summary>
public sealed class FencingTests(Clusters clusters)
{
    [Theory]
    [OnBoth("", 1_000, -1L, (short)-1, KafkaError.InvalidRequest)]
    [OnBoth("t", 0, -1L, (short)-1, KafkaError.InvalidTransactionTimeout)]
    [OnBoth("t", -1, -1L, (short)-1, KafkaError.InvalidTransactionTimeout)]
    [OnBoth("t", 900_001, -1L, (short)-1, KafkaError.InvalidTransactionTimeout)]
    [OnBoth("t", 1_000, 5L, (short)-1, KafkaError.InvalidRequest)]
    [OnBoth("t", 1_000, -1L, (short)5, KafkaError.InvalidRequest)]
    [OnBoth("t", 900_000, -1L, (short)-1, KafkaError.None)]
    public async Task Identity_is_given_for_what_can_be(Target target, string id, int timeoutMs, long producerId, short epoch, object error)
    {
        using Client client = await clusters.ConnectAsync(target);

        InitProducerIdResponse answer = await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest
        {
            TransactionalId = id.Length == 0 ? "" : Client.NewName(id), TransactionTimeoutMs = timeoutMs, ProducerId = producerId, ProducerEpoch = epoch,
        });

        Assert.Equal(error, answer.ErrorCode);
        Assert.Equal(answer.ErrorCode == KafkaError.None, answer.ProducerId >= 0);
    }

    [Theory, OnBoth]
    public async Task Next_producer_of_the_id_gets_the_next_epoch_and_fences_the_last(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer old = await Producer.StartAsync(client);
        await old.SendAsync(topic);

        Producer young = await Producer.StartAsync(client, old.Id);

        Assert.Equal(old.ProducerId, young.ProducerId);
        Assert.True(young.Epoch > old.Epoch);
        Assert.Single((await client.FetchAsync(Records.Read(topic, 0, isolation: 1))).AbortedTransactions!);
        Assert.Equal(KafkaError.ProducerFenced, await old.EndAsync(commit: true));
        Assert.Equal(KafkaError.ProducerFenced, await old.AddAsync(topic));
        Assert.Equal(KafkaError.InvalidProducerEpoch, await old.SendOnlyAsync(topic));
        Assert.Equal(KafkaError.ProducerFenced, (await client.AskAsync<AddOffsetsToTxnResponse>(old.AddGroupRequest("g"))).ErrorCode);
        Assert.Equal(KafkaError.None, await young.SendAsync(topic));
        Assert.Equal(KafkaError.None, await young.EndAsync(commit: true));
    }

    [Theory, OnBoth]
    public async Task Older_versions_say_that_the_epoch_is_invalid(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer old = await Producer.StartAsync(client);
        await Producer.StartAsync(client, old.Id);

        Assert.Equal(KafkaError.InvalidProducerEpoch, (await client.AskAsync<EndTxnResponse>(old.EndRequest(true), 1)).ErrorCode);
        Assert.Equal(KafkaError.InvalidProducerEpoch, (await client.AskAsync<AddOffsetsToTxnResponse>(old.AddGroupRequest("g"), 1)).ErrorCode);
        Assert.Equal(KafkaError.InvalidProducerEpoch, (await client.AskAsync<AddPartitionsToTxnResponse>(old.AddRequest(topic), 1)).Results[0].Partitions[0].ErrorCode);
        Assert.Equal(KafkaError.InvalidProducerEpoch, (await client.AskAsync<InitProducerIdResponse>(old.InitRequest(goOn: true), 3)).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Producer_goes_on_with_its_next_epoch_after_an_error(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        long id = producer.ProducerId;
        await producer.SendAsync(topic, records: 5);
        await producer.EndAsync(commit: true);
        await producer.EndedAsync();
        short before = producer.Epoch;

        Assert.Equal(KafkaError.None, await producer.InitAsync(goOn: true));

        Assert.Equal((id, before + 1), (producer.ProducerId, producer.Epoch));
        Assert.Equal(KafkaError.None, await producer.SendAsync(topic));
    }

    [Theory, OnBoth]
    public async Task Producer_whose_answer_was_lost_gets_the_same_again(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Producer producer = await Producer.StartAsync(client);
        InitProducerIdRequest request = producer.InitRequest(goOn: true);

        InitProducerIdResponse first = await client.AskAsync<InitProducerIdResponse>(request);
        InitProducerIdResponse again = await client.AskAsync<InitProducerIdResponse>(request);

        Assert.Equal((KafkaError.None, first.ProducerId, first.ProducerEpoch), (again.ErrorCode, again.ProducerId, again.ProducerEpoch));
    }

    [Theory, OnBoth]
    public async Task Producer_that_was_fenced_cannot_go_on(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Producer old = await Producer.StartAsync(client);
        await Producer.StartAsync(client, old.Id);
        await Producer.StartAsync(client, old.Id);

        Assert.Equal(KafkaError.ProducerFenced, await old.InitAsync(goOn: true));
    }

    /// <summary>Who is asked for in place of a producer that has its identity, and what that is answered.</summary>
    [Theory]
    [OnBoth(true, 0, (short)0, KafkaError.InvalidProducerIdMapping)]
    [OnBoth(false, 1, (short)0, KafkaError.InvalidProducerIdMapping)]
    [OnBoth(false, 0, (short)1, KafkaError.ProducerFenced)]
    public async Task Request_in_the_name_of_another_is_refused(Target target, bool otherId, int producerDelta, short epochDelta, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Producer producer = await Producer.StartAsync(client);
        await producer.SendAsync(topic);
        Producer other = new(client, otherId ? Client.NewName("transaction") : producer.Id) { ProducerId = producer.ProducerId + producerDelta, Epoch = (short)(producer.Epoch + epochDelta) };

        Assert.Equal(error, await other.EndAsync(commit: true));
        Assert.Equal(error, await other.AddAsync(topic));
        Assert.Equal(error, (await client.AskAsync<AddOffsetsToTxnResponse>(other.AddGroupRequest("g"))).ErrorCode);
        Assert.Equal("Ongoing", (await producer.DescribeAsync()).TransactionState);
    }

    [Theory, OnBoth]
    public async Task Id_that_was_never_given_cannot_go_on(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        Producer known = await Producer.StartAsync(client);
        Producer wrong = new(client, known.Id) { ProducerId = known.ProducerId + 77, Epoch = known.Epoch };
        Producer nobody = new(client, Client.NewName("transaction")) { ProducerId = 5, Epoch = 0 };

        Assert.Equal(KafkaError.ProducerFenced, await wrong.InitAsync(goOn: true));
        Assert.Equal(KafkaError.None, await nobody.InitAsync(goOn: true));
    }
}
