using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// Produce v3–11 (v9 flexible; v5 adds the log start offset, v8 error messages, v11 TRANSACTION_ABORTABLE, which is not used): appends one record batch a
/// partition as it came. acks 1 and −1 are the same on one node: the answer follows the write to the file. acks 0 has no answer. The time-out has nothing
/// to wait for. Versions 0 to 2 carried older message formats and are shown but not served; see <see cref="ApiVersionsHandler"/>.
/// </summary>
internal sealed class ProduceHandler() : ImmediateHandler<ProduceRequest>(0, 3, 11, 9)
{
    public override short LowestAdvertised => 0;

    protected override IMessage? Handle(ProduceRequest request, RequestContext context)
    {
        ProduceResponse response = new()
        {
            Responses = [.. request.TopicData.Select(topic => new TopicOf<ProduceResponse.PartitionProduceResponse>
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => request.Acks is 0 or 1 or -1
                    ? Append(topic.Name, partition, context)
                    : new ProduceResponse.PartitionProduceResponse { Index = partition.Index, ErrorCode = KafkaError.InvalidRequiredAcks, BaseOffset = -1 })],
            })],
        };
        return request.Acks == 0 ? null : response;
    }

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
        try
        {
            AppendResult appended = log.Append(
                context.Writable(records), batch => context.Node.Transactions.MayAppend(batch.ProducerId, batch.ProducerEpoch, new TopicPartition(topic, data.Index)));
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
