using Assay.Streams.Internal.Threads;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Streams.Internal.Kafka;

internal sealed partial class InternalTopics
{
    /// <summary>What a restore reads, and whether what an earlier one has read is still of use.</summary>
    /// <param name="partitions">Of changelogs.</param>
    /// <param name="attempt">How often that was asked in vain: the next time it waits longer.</param>
    /// <exception cref="KafkaException">Kafka could not be asked.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, ChangelogRange>> Ranges(IReadOnlyCollection<TopicPartition> partitions, int attempt)
    {
        if (attempt > 0)
            await Task.Delay(Backoff.Delay(attempt - 1), _clock);
        if (_options.StoreEngine is null)
            return (await EndOffsets(partitions)).ToDictionary(end => end.Key, end => new ChangelogRange("", 0, end.Value));
        DescribeTopicsResult topics = await _admin.Ask(admin => admin.DescribeTopicsAsync(
            TopicCollection.OfTopicNames(partitions.Select(partition => partition.Topic).Distinct(StringComparer.Ordinal)), new DescribeTopicsOptions { RequestTimeout = Patience }));
        Dictionary<string, string> ids = topics.TopicDescriptions.ToDictionary(topic => topic.Name, topic => topic.TopicId.ToString(), StringComparer.Ordinal);
        IReadOnlyDictionary<TopicPartition, long> begins = await Offsets(partitions, OffsetSpec.Earliest());
        IReadOnlyDictionary<TopicPartition, long> ends = await EndOffsets(partitions);
        return partitions.ToDictionary(partition => partition, partition => new ChangelogRange(ids[partition.Topic], begins[partition], ends[partition]));
    }

    /// <summary>Where a restore of these partitions ends: the high watermark, so that what a former owner has just committed is waited for even
    /// while its markers are still being written (the last stable offset is before them).</summary>
    public Task<IReadOnlyDictionary<TopicPartition, long>> EndOffsets(IEnumerable<TopicPartition> partitions) => Offsets(partitions, OffsetSpec.Latest());

    private async Task<IReadOnlyDictionary<TopicPartition, long>> Offsets(IEnumerable<TopicPartition> partitions, OffsetSpec which)
    {
        try
        {
            ListOffsetsResult result = await _admin.Ask(admin => admin.ListOffsetsAsync(
                partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which }),
                new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = Patience }));
            return result.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.TopicPartition, info => info.TopicPartitionOffsetError.Offset.Value);
        }
        catch (ListOffsetsException exception)
        {
            // A leader of a new epoch refuses what the client remembers of the old one, and it would ask with that again and again.
            await _admin.Ask(admin => Task.Run(() => admin.GetMetadata(Patience)));
            throw new KafkaException(exception.Result.ResultInfos.First(info => info.TopicPartitionOffsetError.Error.IsError).TopicPartitionOffsetError.Error, exception);
        }
    }
}

/// <summary>What a changelog partition holds now.</summary>
/// <param name="TopicId">A topic that is deleted and made again has another; empty where nobody asks.</param>
/// <param name="Begin">Of the first offset that may be there.</param>
/// <param name="End">The high watermark.</param>
internal readonly record struct ChangelogRange(string TopicId, long Begin, long End);
