using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// ListOffsets v1–9 (v6 flexible; v2 adds the isolation level, v4 leader epochs, v7 the newest timestamp, v8 and v9 tiers, which are the log here):
/// the offset at a time. −1 the end (for readers of committed records the last stable offset), −2 and −4 the start, −3 the record with the newest timestamp,
/// else the first record at or after the time. What a version does not know yet is refused.
/// </summary>
internal sealed class ListOffsetsHandler() : ImmediateHandler<ListOffsetsRequest>(2, 1, 9, 6)
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long NewestTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;

    protected override IMessage Handle(ListOffsetsRequest request, RequestContext context) => new ListOffsetsResponse
    {
        Topics = [.. request.Topics.Select(topic => new TopicOf<ListOffsetsResponse.PartitionResponse>
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition => Find(topic.Name, partition, request.IsolationLevel == 1, context))],
        })],
    };

    private static ListOffsetsResponse.PartitionResponse Find(
        string topic, ListOffsetsRequest.Partition wanted, bool committedOnly, RequestContext context)
    {
        ListOffsetsResponse.PartitionResponse answer = new() { PartitionIndex = wanted.PartitionIndex };
        PartitionLog? log = context.Node.Topics.Partition(topic, wanted.PartitionIndex);
        answer.ErrorCode = log is null ? KafkaError.UnknownTopicOrPartition : LeaderEpochs.Problem(wanted.CurrentLeaderEpoch);
        if (answer.ErrorCode != KafkaError.None)
            return answer;
        if (!Served(wanted.Timestamp, context.Version))
        {
            answer.ErrorCode = KafkaError.UnsupportedVersion;
            return answer;
        }
        (answer.ErrorCode, TimedOffset? found) = wanted.Timestamp switch
        {
            Latest => (KafkaError.None, new TimedOffset(committedOnly ? log!.LastStableOffset : log!.EndOffset, -1)),
            Earliest or EarliestLocal => (KafkaError.None, new TimedOffset(log!.StartOffset, -1)),
            NewestTimestamp => log!.Newest(committedOnly),
            LatestTiered => (KafkaError.None, null),
            _ => log!.OffsetAt(wanted.Timestamp, committedOnly),
        };
        if (found is null)
            return answer;
        answer.Offset = found.Value.Offset;
        answer.Timestamp = found.Value.Timestamp;
        answer.LeaderEpoch = Node.LeaderEpoch;
        return answer;
    }

    /// <summary>Whether a version knows what a negative time stands for.</summary>
    private static bool Served(long timestamp, short version) => timestamp switch
    {
        >= Earliest => true,
        NewestTimestamp => version >= 7,
        EarliestLocal => version >= 8,
        LatestTiered => version >= 9,
        _ => false,
    };
}
