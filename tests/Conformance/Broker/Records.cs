using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Writing and reading records.</summary>
internal static class Records
{
    public static ProduceRequest Write(string topic, byte[]? batch, short acks = -1, int partition = 0, string? transactionalId = null) => new()
    {
        Acks = acks,
        TimeoutMs = 10_000,
        TransactionalId = transactionalId,
        TopicData =
        [
            new TopicOf<ProduceRequest.PartitionProduceData>
            {
                Name = topic, Partitions = [new ProduceRequest.PartitionProduceData { Index = partition, Records = batch }],
            },
        ],
    };

    public static FetchRequest Read(string topic, long offset, int maxWaitMs = 0, int minBytes = 1, int maxBytes = 1_000_000, int partitionMaxBytes = 1_000_000, sbyte isolation = 0) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
        MaxBytes = maxBytes,
        IsolationLevel = isolation,
        Topics =
        [
            new FetchRequest.FetchTopic
            {
                Topic = topic, Partitions = [new FetchRequest.FetchTopic.FetchPartition { FetchOffset = offset, PartitionMaxBytes = partitionMaxBytes }],
            },
        ],
    };

    /// <summary>Writes one batch to a topic's partition.</summary>
    public static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        this Client client, string topic, Batch batch, short acks = -1, int partition = 0, string? transactionalId = null, short? version = null) =>
        (await client.AskAsync<ProduceResponse>(Write(topic, batch.ToBytes(), acks, partition, transactionalId), version)).Responses[0].Partitions[0];

    /// <summary>Reads a topic's first partition, in the last version that names topics.</summary>
    public static async Task<FetchResponse.FetchableTopicResponse.PartitionData> FetchAsync(this Client client, FetchRequest request, short version = 12) =>
        (await client.AskAsync<FetchResponse>(request, version)).Responses[0].Partitions[0];

    /// <summary>The headers of the batches that were read whole; Apache Kafka may cut the last one.</summary>
    public static List<BatchHeader> Batches(this FetchResponse.FetchableTopicResponse.PartitionData data)
    {
        List<BatchHeader> batches = [];
        ReadOnlyMemory<byte> rest = data.Records ?? default;
        while (rest.Length >= BatchHeader.Bytes && BatchHeader.Read(rest.Span) is var batch && batch.Size <= rest.Length)
        {
            batches.Add(batch);
            rest = rest[batch.Size..];
        }
        return batches;
    }

    public static async Task<ListOffsetsResponse.PartitionResponse> OffsetAsync(this Client client, string topic, long timestamp, sbyte isolation = 0, int epoch = -1, short? version = null) =>
        (await client.AskAsync<ListOffsetsResponse>(new ListOffsetsRequest
        {
            ReplicaId = -1,
            IsolationLevel = isolation,
            Topics =
            [
                new TopicOf<ListOffsetsRequest.Partition>
                {
                    Name = topic, Partitions = [new ListOffsetsRequest.Partition { Timestamp = timestamp, CurrentLeaderEpoch = epoch }],
                },
            ],
        }, version)).Topics[0].Partitions[0];

    /// <summary>Makes a topic's records before an offset unreadable.</summary>
    public static async Task<DeleteRecordsResponse.PartitionResult> DeleteRecordsAsync(this Client client, string topic, long before, int partition = 0) =>
        (await client.AskAsync<DeleteRecordsResponse>(new DeleteRecordsRequest
        {
            TimeoutMs = 10_000,
            Topics =
            [
                new TopicOf<DeleteRecordsRequest.Partition>
                {
                    Name = topic, Partitions = [new DeleteRecordsRequest.Partition { PartitionIndex = partition, Offset = before }],
                },
            ],
        })).Topics[0].Partitions[0];

    public static async Task<Guid> TopicIdAsync(this Client client, string topic) =>
        (await client.AskAsync<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.Topic { Name = topic }] })).Topics[0].TopicId;
}
