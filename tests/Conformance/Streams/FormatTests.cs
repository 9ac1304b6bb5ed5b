using Assay.Streams.Internal.Kafka;

namespace Assay.Conformance.Tests.Streams;

/// <summary>What a group's commits say beside the offset. Keys of windows and sessions, and what changelogs hold, are compared byte by byte with every scenario.</summary>
public sealed class FormatTests(KafkaStreamsProcess kafkaStreams)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_692_308_700_000)]
    public async Task Partition_time_in_commits_is_read_in_both_directions(long time)
    {
        (long read, string metadata) = await kafkaStreams.CommitAsync(CommitOffsets.Encode(time), time);

        Assert.Equal(time, read);
        Assert.Equal(time, CommitOffsets.Decode(metadata));
    }
}
