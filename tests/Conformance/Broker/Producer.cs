using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>A transactional producer as a test plays it: who it is, what it has numbered, and the requests it makes.</summary>
internal sealed class Producer(Client client, string id)
{
    private readonly Dictionary<string, int> _sequences = [];
    private readonly HashSet<string> _added = [];

    public string Id { get; } = id;
    public long ProducerId { get; set; } = -1;
    public short Epoch { get; set; } = -1;
    public int TimeoutMs { get; init; } = 60_000;

    /// <summary>A producer that has its identity.</summary>
    public static async Task<Producer> StartAsync(Client client, string? id = null, int timeoutMs = 60_000)
    {
        Producer producer = new(client, id ?? Client.NewName("transaction")) { TimeoutMs = timeoutMs };
        Assert.Equal(KafkaError.None, await producer.InitAsync());
        return producer;
    }

    public InitProducerIdRequest InitRequest(bool goOn = false) => new()
    {
        TransactionalId = Id, TransactionTimeoutMs = TimeoutMs, ProducerId = goOn ? ProducerId : -1, ProducerEpoch = goOn ? Epoch : (short)-1,
    };

    public AddPartitionsToTxnRequest AddRequest(string topic, params int[] partitions) => new()
    {
        TransactionalId = Id, ProducerId = ProducerId, ProducerEpoch = Epoch, Topics = [new TopicPartitions { Name = topic, Partitions = partitions is [] ? [0] : partitions }],
    };

    public AddOffsetsToTxnRequest AddGroupRequest(string group) => new() { TransactionalId = Id, ProducerId = ProducerId, ProducerEpoch = Epoch, GroupId = group };

    public EndTxnRequest EndRequest(bool commit) => new() { TransactionalId = Id, ProducerId = ProducerId, ProducerEpoch = Epoch, Committed = commit };

    public TxnOffsetCommitRequest OffsetsRequest(string group, string topic, long offset, Member? member = null) => new()
    {
        TransactionalId = Id,
        GroupId = group,
        ProducerId = ProducerId,
        ProducerEpoch = Epoch,
        MemberId = member?.Id ?? "",
        GroupInstanceId = member?.InstanceId,
        GenerationId = member?.Generation ?? -1,
        Topics = [new TopicOf<TxnOffsetCommitRequest.Partition> { Name = topic, Partitions = [new TxnOffsetCommitRequest.Partition { CommittedOffset = offset }] }],
    };

    /// <summary>Gets an identity; with <paramref name="goOn"/>, the next epoch of the one it has. Waits while the last transaction is being ended.</summary>
    public async Task<KafkaError> InitAsync(bool goOn = false)
    {
        InitProducerIdResponse answer = await client.AskUntilAsync<InitProducerIdResponse>(InitRequest(goOn), each => each.ErrorCode != KafkaError.ConcurrentTransactions);
        if (answer.ErrorCode == KafkaError.None)
        {
            (ProducerId, Epoch) = (answer.ProducerId, answer.ProducerEpoch);
            _sequences.Clear();
            _added.Clear();
        }
        return answer.ErrorCode;
    }

    /// <summary>Adds a topic's first partition. Waits while the last transaction is being ended.</summary>
    public async Task<KafkaError> AddAsync(string topic)
    {
        AddPartitionsToTxnResponse answer = await client.AskUntilAsync<AddPartitionsToTxnResponse>(
            AddRequest(topic), each => each.Results[0].Partitions[0].ErrorCode != KafkaError.ConcurrentTransactions);
        return answer.Results[0].Partitions[0].ErrorCode;
    }

    /// <summary>Writes to a topic's first partition, which is added to the transaction before unless it was.</summary>
    public async Task<KafkaError> SendAsync(string topic, int records = 1)
    {
        if (_added.Add(topic))
            Assert.Equal(KafkaError.None, await AddAsync(topic));
        return await SendOnlyAsync(topic, records);
    }

    /// <summary>Writes to a topic's first partition, added or not.</summary>
    public async Task<KafkaError> SendOnlyAsync(string topic, int records = 1, short? version = null)
    {
        int sequence = _sequences.GetValueOrDefault(topic);
        ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(
            topic, Batch.Of(ProducerId, Epoch, sequence, records) with { Transactional = true }, transactionalId: Id, version: version);
        if (answer.ErrorCode == KafkaError.None)
            _sequences[topic] = sequence + records;
        return answer.ErrorCode;
    }

    /// <summary>Ends the transaction. Waits while the last one is being ended.</summary>
    public async Task<KafkaError> EndAsync(bool commit)
    {
        _added.Clear();
        return (await client.AskUntilAsync<EndTxnResponse>(EndRequest(commit), answer => answer.ErrorCode != KafkaError.ConcurrentTransactions)).ErrorCode;
    }

    /// <summary>The state of its transactional id.</summary>
    public async Task<DescribeTransactionsResponse.State> DescribeAsync() =>
        (await client.AskAsync<DescribeTransactionsResponse>(new DescribeTransactionsRequest { TransactionalIds = [Id] })).TransactionStates[0];

    /// <summary>Waits until the markers of the ended transaction are written.</summary>
    public Task EndedAsync() => Eventually.True(async () => (await DescribeAsync()).TransactionState.StartsWith("Complete", StringComparison.Ordinal), "the transaction is complete");
}
