using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// Fetch v4–16 (v12 flexible; v5 adds the log start offset, v7 sessions, v9 leader epochs, v12 the last fetched epoch, v13 topic ids for names).
/// Sessions are not kept: id 0 tells the client so, and one that goes on with a session of another broker's is told that there is none. Whole batches come as they are stored; the first one comes even where it is larger than the limits.
/// With nothing to give it waits, up to the client's bound, for an append to any of its partitions; an error ends the wait. Readers of committed records
/// see nothing from the last stable offset on, and which transactions were aborted.
/// </summary>
internal sealed class FetchHandler() : RequestHandler<FetchRequest>(1, 4, 16, 12)
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int LongestWaitMs = 60_000;
    /// <summary>Waits from this length on end together on a grid, so that many idle consumers wake the process a few times a second and not each on its own.</summary>
    private const int LongWaitMs = 400;
    private const int GridMs = 100;

    protected override async ValueTask<IMessage?> HandleAsync(FetchRequest request, RequestContext context)
    {
        if (request.SessionEpoch > 0)
            return new FetchResponse { ErrorCode = KafkaError.FetchSessionIdNotFound };
        long started = context.Node.Time.GetTimestamp();
        while (true)
        {
            (FetchResponse response, int bytes, bool atOnce) = Read(request, context);
            int left = Math.Min(request.MaxWaitMs, LongestWaitMs) - (int)context.Node.Time.GetElapsedTime(started).TotalMilliseconds;
            if (bytes >= request.MinBytes || atOnce || left <= 0)
                return response;
            context.Dispose();
            if (!await WaitAsync(request, response, context, left))
                return Read(request, context).Response;
        }
    }

    /// <summary>What there is, and whether it is to be answered at once: what is wrong with a partition is; that it is not there only where none is.</summary>
    private static (FetchResponse Response, int Bytes, bool AtOnce) Read(FetchRequest request, RequestContext context)
    {
        int left = context.Lend(Math.Min(request.MaxBytes, MostBytes));
        int bytes = 0;
        bool failed = false;
        bool any = false;
        FetchResponse response = new() { Responses = new FetchResponse.FetchableTopicResponse[request.Topics.Length] };
        for (int index = 0; index < request.Topics.Length; index++)
        {
            FetchRequest.FetchTopic asked = request.Topics[index];
            FetchResponse.FetchableTopicResponse.PartitionData[] partitions = new FetchResponse.FetchableTopicResponse.PartitionData[asked.Partitions.Length];
            response.Responses[index] = new FetchResponse.FetchableTopicResponse { Topic = asked.Topic, TopicId = asked.TopicId, Partitions = partitions };
            Topic? topic = Find(asked, context);
            for (int each = 0; each < partitions.Length; each++)
            {
                FetchRequest.FetchTopic.FetchPartition wanted = asked.Partitions[each];
                partitions[each] = Read(topic, wanted, Math.Min(left, wanted.PartitionMaxBytes), request, bytes == 0, context);
                int length = partitions[each].Records!.Value.Length;
                bytes += length;
                left -= length;
                bool missing = partitions[each].ErrorCode is KafkaError.UnknownTopicOrPartition or KafkaError.UnknownTopicId;
                failed |= !missing && partitions[each].ErrorCode != KafkaError.None;
                any |= !missing;
            }
        }
        context.Settle(bytes);
        return (response, bytes, failed || !any);
    }

    private static FetchResponse.FetchableTopicResponse.PartitionData Read(
        Topic? topic, FetchRequest.FetchTopic.FetchPartition wanted, int maxBytes, FetchRequest request, bool atLeastOne, RequestContext context)
    {
        FetchResponse.FetchableTopicResponse.PartitionData answer = new() { PartitionIndex = wanted.Partition, HighWatermark = -1, Records = ReadOnlyMemory<byte>.Empty };
        PartitionLog? log = topic?.Partition(wanted.Partition);
        if (log is null)
        {
            answer.ErrorCode = topic is null && context.Version >= 13 ? KafkaError.UnknownTopicId : KafkaError.UnknownTopicOrPartition;
            return answer;
        }
        answer.ErrorCode = LeaderEpochs.Problem(wanted.CurrentLeaderEpoch);
        if (answer.ErrorCode != KafkaError.None)
            return answer;
        ReadResult read = log.Read(wanted.FetchOffset, maxBytes, request.IsolationLevel == 1, atLeastOne);
        answer.ErrorCode = read.Error;
        if (read.Error != KafkaError.None)
            return answer;
        answer.HighWatermark = read.EndOffset;
        answer.LastStableOffset = read.StableOffset;
        answer.LogStartOffset = read.StartOffset;
        answer.AbortedTransactions = read.Aborted?.Select(aborted => new FetchResponse.FetchableTopicResponse.PartitionData.AbortedTransaction
        {
            ProducerId = aborted.ProducerId, FirstOffset = aborted.FirstOffset,
        }).ToArray();
        if (read.Buffer is not null)
        {
            context.ReturnLater(read.Buffer);
            answer.Records = read.Buffer.AsMemory(0, read.Length);
        }
        return answer;
    }

    /// <summary>Waits for an append to any of the partitions; false when the time is up.</summary>
    private static async Task<bool> WaitAsync(FetchRequest request, FetchResponse read, RequestContext context, int milliseconds)
    {
        TaskCompletionSource<bool> waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<AppendSignal> signals = [];
        foreach (FetchRequest.FetchTopic asked in request.Topics)
            if (Find(asked, context) is { } topic)
                foreach (FetchRequest.FetchTopic.FetchPartition wanted in asked.Partitions)
                    if (topic.Partition(wanted.Partition) is { } log)
                        signals.Add(log.AppendSignal);
        foreach (AppendSignal signal in signals)
            signal.Add(waiter);
        try
        {
            // What was appended between the read and the registration woke nobody.
            if (AnythingNew(request, read, context))
                return true;
            using ITimer timer = context.Node.Time.CreateTimer(
                _ => waiter.TrySetResult(false), null, TimeSpan.FromMilliseconds(OnGrid(milliseconds, context.Node.Time)), Timeout.InfiniteTimeSpan);
            using CancellationTokenRegistration stopping = context.Stopping.Register(() => waiter.TrySetCanceled());
            return await waiter.Task;
        }
        finally
        {
            foreach (AppendSignal signal in signals)
                signal.Remove(waiter);
        }
    }

    /// <summary>A wait that ends on the grid, at most <see cref="GridMs"/> later.</summary>
    private static double OnGrid(int milliseconds, TimeProvider time)
    {
        if (milliseconds < LongWaitMs)
            return milliseconds;
        double now = time.GetElapsedTime(0).TotalMilliseconds;
        return Math.Ceiling((now + milliseconds) / GridMs) * GridMs - now;
    }

    /// <summary>Whether a partition has more than when it was read.</summary>
    private static bool AnythingNew(FetchRequest request, FetchResponse read, RequestContext context)
    {
        bool committedOnly = request.IsolationLevel == 1;
        for (int index = 0; index < request.Topics.Length; index++)
            if (Find(request.Topics[index], context) is { } topic)
                foreach (FetchResponse.FetchableTopicResponse.PartitionData seen in read.Responses[index].Partitions)
                    if (topic.Partition(seen.PartitionIndex) is { } log
                        && (committedOnly ? log.LastStableOffset > seen.LastStableOffset : log.EndOffset > seen.HighWatermark))
                        return true;
        return false;
    }

    private static Topic? Find(FetchRequest.FetchTopic asked, RequestContext context) =>
        context.Version >= 13 ? context.Node.Topics.Find(asked.TopicId) : context.Node.Topics.Find(asked.Topic);
}
