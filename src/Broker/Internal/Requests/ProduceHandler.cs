using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// Produce v3–11 (v9 flexible; v5 adds the log start offset, v8 error messages, v11 TRANSACTION_ABORTABLE): appends one record batch a
/// partition as it came. acks 1 and −1 are the same on one node: the answer follows the write to the file. acks 0 has no answer: a failure closes the
/// connection, which is all that such a client can notice. The time-out has nothing to wait for. Versions 0 to 2 carried older message formats and are shown but not served; see <see cref="ApiVersionsHandler"/>.
/// </summary>
internal sealed class ProduceHandler() : ImmediateHandler<ProduceRequest>(0, 3, 11, 9)
{
    private const int AttributesAt = 22;
    private const byte TransactionalBit = 0x10;
    private const byte CompressionBits = 0x07;
    private const byte Zstandard = 4;
    private const short ZstandardFrom = 7;
    private const short AbortableFrom = 11;

    public override short LowestAdvertised => 0;

    protected override IMessage? Handle(ProduceRequest request, RequestContext context)
    {
        KafkaError refused = request.Acks is not (0 or 1 or -1)
            ? KafkaError.InvalidRequiredAcks
            : request.TransactionalId is null && request.TopicData.Any(topic => topic.Partitions.Any(partition => (Attributes(partition) & TransactionalBit) != 0))
                ? KafkaError.TransactionalIdAuthorizationFailed
                : KafkaError.None;
        ProduceResponse response = new()
        {
            Responses = [.. request.TopicData.Select(topic => new TopicOf<ProduceResponse.PartitionProduceResponse>
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => refused == KafkaError.None
                    ? Append(topic.Name, partition, context)
                    : new ProduceResponse.PartitionProduceResponse { Index = partition.Index, ErrorCode = refused, BaseOffset = -1 })],
            })],
        };
        if (request.Acks != 0)
            return response;
        foreach (TopicOf<ProduceResponse.PartitionProduceResponse> topic in response.Responses)
            foreach (ProduceResponse.PartitionProduceResponse partition in topic.Partitions)
                if (partition.ErrorCode != KafkaError.None)
                    throw new WireException($"what it wrote to {topic.Name}-{partition.Index} without acknowledgement was refused: {partition.ErrorCode}");
        return null;
    }

    private static int Attributes(ProduceRequest.PartitionProduceData data) => data.Records is { Length: > AttributesAt } records ? records.Span[AttributesAt] : 0;

    private static ProduceResponse.PartitionProduceResponse Append(
        string topic, ProduceRequest.PartitionProduceData data, RequestContext context)
    {
        ProduceResponse.PartitionProduceResponse answer = new() { Index = data.Index, BaseOffset = -1 };
        PartitionLog? log = context.Node.Topics.Partition(topic, data.Index);
        if (log is null)
        {
            answer.ErrorCode = KafkaError.UnknownTopicOrPartition;
            return answer;
        }
        if (data.Records is not { Length: > 0 } records)
        {
            answer.ErrorCode = KafkaError.InvalidRecord;
            answer.ErrorMessage = "A produce request carries a record batch for every partition it names.";
            return answer;
        }
        if (context.Version < ZstandardFrom && (Attributes(data) & CompressionBits) == Zstandard)
        {
            answer.ErrorCode = KafkaError.UnsupportedCompressionType;
            answer.ErrorMessage = $"Zstandard may be produced from version {ZstandardFrom} of the request on.";
            return answer;
        }
        try
        {
            AppendResult appended = log.Append(context.Writable(records), batch =>
            {
                KafkaError error = context.Node.Transactions.MayAppend(batch.ProducerId, batch.ProducerEpoch, new TopicPartition(topic, data.Index));
                return error == KafkaError.InvalidTransactionState && context.Version >= AbortableFrom ? KafkaError.TransactionAbortable : error;
            });
            answer.ErrorCode = appended.Error;
            answer.BaseOffset = appended.BaseOffset;
            answer.LogAppendTimeMs = appended.AppendTime;
            answer.ErrorMessage = appended.Reason;
            answer.LogStartOffset = appended.Error == KafkaError.None ? log.StartOffset : -1;
        }
        catch (IOException failure)
        {
            // Disk full, most likely: retriable, and reads go on.
            Log.WriteFailed(context.Node.Logger, log.Name, failure);
            answer.ErrorCode = KafkaError.StorageError;
        }
        return answer;
    }
}
