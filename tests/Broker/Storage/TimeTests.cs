using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Broker.Tests.Storage;

/// <summary>What a log does by time: finding offsets, also inside compressed batches; rolling; retention.</summary>
public sealed class TimeTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Noon);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void First_record_at_or_after_a_time_is_found_inside_of_batches_and_out_of_order(int codec)
    {
        using PartitionLog log = Open(("segment.bytes", "400"));
        Random random = new(codec);
        List<long> times = [];
        for (int batch = 0; batch < 40; batch++)
        {
            long[] own = [.. Enumerable.Range(0, 5).Select(_ => batch * 10L + random.Next(0, 60))];
            times.AddRange(own);
            Append(log, Batches.Keyed(codec, [.. own.Select(time => ((string?)"k", (string?)$"value {time}", time))]));
        }

        for (long time = 0; time <= times.Max() + 1; time++)
        {
            int first = times.FindIndex(each => each >= time);
            Assert.Equal(first < 0 ? null : new TimedOffset(first, times[first]), log.OffsetAt(time, committedOnly: false).Found);
        }
        Assert.Equal(new TimedOffset(times.IndexOf(times.Max()), times.Max()), log.Newest(committedOnly: false).Found);
        log.DeleteBefore(42);
        Assert.Equal(42, log.OffsetAt(0, committedOnly: false).Found!.Value.Offset);
    }

    [Fact]
    public void Times_from_the_last_stable_offset_on_are_not_shown_to_readers_of_committed_records()
    {
        using PartitionLog log = Open();
        Append(log, Batches.Keyed(0, ("k", "v", 10)));
        Append(log, Batches.Keyed(0, ("k", "v", 20)).By(1, 0, 0, transactional: true));

        Assert.Equal(new TimedOffset(1, 20), log.OffsetAt(15, committedOnly: false).Found);
        Assert.Null(log.OffsetAt(15, committedOnly: true).Found);
        Assert.Null(log.Newest(committedOnly: true).Found);
    }

    [Fact]
    public void Batch_that_cannot_be_opened_answers_a_time_with_its_first_offset()
    {
        using PartitionLog log = Open();
        byte[] batch = Batches.Keyed(0, ("k", "v", 10), ("k", "v", 20));
        batch[22] |= 3;
        BatchHeader.WriteCrc(batch);
        Append(log, batch);

        Assert.Equal(new TimedOffset(0, 20), log.OffsetAt(15, committedOnly: false).Found);
    }

    [Fact]
    public void Retention_by_time_removes_segments_whose_newest_record_is_older_and_leaves_none_behind()
    {
        using PartitionLog log = Open(("segment.bytes", "300"), ("retention.ms", "60000"));
        for (int minute = 0; minute < 5; minute++)
            for (int batch = 0; batch < 6; batch++)
                Append(log, Batches.Plain(timestamp: Noon.AddMinutes(minute).ToUnixTimeMilliseconds()));

        _time.Advance(TimeSpan.FromSeconds(150));
        Assert.True(log.ApplyRetention(TimeSpan.FromDays(1)));
        Assert.InRange(log.StartOffset, 11, 12);
        Assert.True(LogReader.Batches(log)[0].MaxTimestamp >= Noon.AddMinutes(1).ToUnixTimeMilliseconds());
        Assert.False(log.ApplyRetention(TimeSpan.FromDays(1)));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(log.ApplyRetention(TimeSpan.FromDays(1)));
        Assert.Equal((30L, 30L, 0L), (log.StartOffset, log.EndOffset, log.Size));
        Assert.Single(Directory.GetFiles(_folder.Path, "*.log"));
    }

    [Fact]
    public void Emptied_log_keeps_its_offsets_over_a_restart()
    {
        using (PartitionLog log = Open(("retention.ms", "60000")))
        {
            Append(log, Batches.Plain(records: 7));
            log.ApplyRetention(TimeSpan.FromDays(1));
        }

        using PartitionLog again = Open();
        Assert.Equal((7L, 7L), (again.StartOffset, again.EndOffset));
    }

    [Fact]
    public void Segment_covers_no_more_time_than_segment_ms_whatever_the_markers_say()
    {
        using PartitionLog log = Open(("segment.ms", "1000"));
        foreach (long time in (long[])[0, 1_000, 1_001, 2_001, 500, 2_002])
        {
            Append(log, Batches.Plain(timestamp: time));
            log.AppendMarker(1, 0, commit: true, coordinatorEpoch: 0);
        }

        Assert.Equal([0L, 4L, 10L], Directory.GetFiles(_folder.Path, "*.log").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path))).Order());
    }

    [Fact]
    public void Records_are_deleted_up_to_an_offset_inside_a_segment_and_stay_deleted()
    {
        using (PartitionLog log = Open())
        {
            Append(log, Batches.Plain(records: 10));
            log.DeleteBefore(4);
            Assert.Equal(KafkaError.OffsetOutOfRange, log.Read(3, 100, false, true).Error);
            Assert.Equal(KafkaError.None, log.Read(4, 100, false, true).Error);
        }

        using PartitionLog again = PartitionLog.Open("t-0", _folder.Path, new TopicConfig(new Dictionary<string, string>()), 4, new FileHandles(3), NullLogger.Instance, _time);
        Assert.Equal((4L, 10L), (again.StartOffset, again.EndOffset));
    }

    private PartitionLog Open(params (string Name, string Value)[] settings) => PartitionLog.Open(
        "t-0", _folder.Path, new TopicConfig(settings.ToDictionary(setting => setting.Name, setting => setting.Value)), 0, new FileHandles(3), NullLogger.Instance, _time);

    private static void Append(PartitionLog log, byte[] batch) => Assert.Equal(KafkaError.None, log.Append(batch, _ => KafkaError.None).Error);
}
