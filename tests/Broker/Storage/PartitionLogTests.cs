using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Broker.Tests.Storage;

/// <summary>The log of a partition: numbering, reading, rolling, and what is left after a file was cut or damaged.</summary>
public sealed class PartitionLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Log_cut_at_any_byte_keeps_every_whole_batch()
    {
        List<int> ends = [0];
        using (PartitionLog log = Open())
            for (int batch = 0; batch < 5; batch++)
            {
                Assert.Equal(KafkaError.None, Append(log, Batches.Of(7, 0, batch * 2, records: 2)).Error);
                ends.Add((int)log.Size);
            }
        byte[] whole = File.ReadAllBytes(_folder["00000000000000000000.log"]);
        File.Delete(_folder["00000000000000000000.checkpoint"]);

        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(_folder["00000000000000000000.log"], whole[..length]);
            using (PartitionLog log = Open())
            {
                int batches = ends.FindLastIndex(end => end <= length);
                Assert.Equal(batches * 2, log.EndOffset);
                Assert.Equal(ends[batches], log.Size);
                // The producer goes on where the log ends, and nowhere else.
                Assert.Equal(KafkaError.None, Append(log, Batches.Of(7, 0, batches * 2, records: 2)).Error);
                Assert.Equal(KafkaError.OutOfOrderSequenceNumber, Append(log, Batches.Of(7, 0, batches * 2 + 5)).Error);
            }
            File.Delete(_folder["00000000000000000000.checkpoint"]);
        }
    }

    [Fact]
    public void Log_with_a_flipped_byte_ends_before_the_damaged_batch()
    {
        using (PartitionLog log = Open())
            for (int batch = 0; batch < 3; batch++)
                Append(log, Batches.Plain());
        string path = _folder["00000000000000000000.log"];
        File.Delete(_folder["00000000000000000000.checkpoint"]);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        using PartitionLog recovered = Open();

        Assert.Equal(2, recovered.EndOffset);
    }

    [Fact]
    public void Open_transaction_and_aborted_ones_survive_a_restart_without_checkpoint()
    {
        using (PartitionLog log = Open())
        {
            Append(log, Batches.Of(1, 0, 0, transactional: true));
            log.AppendMarker(1, 0, commit: false, coordinatorEpoch: 0);
            Append(log, Batches.Of(2, 0, 0, transactional: true));
            Append(log, Batches.Plain());
        }
        File.Delete(_folder["00000000000000000000.checkpoint"]);

        using PartitionLog recovered = Open();
        ReadResult read = recovered.Read(0, 10_000, committedOnly: true, atLeastOne: true);

        Assert.Equal(2, recovered.LastStableOffset);
        Assert.Equal(4, recovered.EndOffset);
        AbortedTransaction aborted = Assert.Single(read.Aborted!);
        Assert.Equal((1L, 0L, 1L), (aborted.ProducerId, aborted.FirstOffset, aborted.LastOffset));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_offset_and_time_is_found_across_segments(bool onDisk)
    {
        using PartitionLog log = Open(segmentBytes: 40_000, onDisk: onDisk);
        for (int batch = 0; batch < 500; batch++)
            Append(log, Batches.Plain(records: 3, timestamp: 1_000 + batch * 10, valueSize: 100));

        for (long offset = 0; offset < 1500; offset++)
        {
            ReadResult read = log.Read(offset, 1, committedOnly: false, atLeastOne: true);
            BatchHeader first = BatchHeader.Read(read.Buffer);
            Assert.InRange(offset, first.BaseOffset, first.LastOffset);
            Assert.Equal(first.Size, read.Length);
        }
        for (int batch = 0; batch < 500; batch++)
            Assert.Equal(new TimedOffset(batch * 3L, 1_000L + batch * 10), log.OffsetAt(1_000 + batch * 10 - 9, committedOnly: false).Found);
        Assert.Null(log.OffsetAt(10_000, committedOnly: false).Found);
    }

    [Fact]
    public void Reading_waits_at_the_end_and_fails_beyond_it()
    {
        using PartitionLog log = Open();
        Append(log, Batches.Plain());

        Assert.Equal((KafkaError.None, 0), (log.Read(1, 100, false, true).Error, log.Read(1, 100, false, true).Length));
        Assert.Equal(KafkaError.OffsetOutOfRange, log.Read(2, 100, false, true).Error);
        log.DeleteBefore(1);
        Assert.Equal(KafkaError.OffsetOutOfRange, log.Read(0, 100, false, true).Error);
    }

    [Fact]
    public void Retention_by_size_removes_whole_segments_from_the_front()
    {
        TopicConfig config = new(new Dictionary<string, string> { ["segment.bytes"] = "1000", ["retention.bytes"] = "3000" });
        using PartitionLog log = PartitionLog.Open("t-0", _folder.Path, config, 0, new FileHandles(16), NullLogger.Instance, TimeProvider.System);
        for (int batch = 0; batch < 100; batch++)
            Append(log, Batches.Plain());

        Assert.True(log.ApplyRetention(TimeSpan.FromDays(1)));

        Assert.InRange(log.Size, 3000, 4100);
        Assert.Equal(100, log.EndOffset);
        Assert.Equal(log.StartOffset, long.Parse(Path.GetFileNameWithoutExtension(Directory.GetFiles(_folder.Path, "*.log").Order().First())));
    }

    [Fact]
    public void Client_batches_that_lie_are_refused()
    {
        using PartitionLog log = Open();
        byte[] badCrc = Batches.Plain();
        badCrc[^1] ^= 1;
        byte[] control = Batches.Of(1, 0, 0, transactional: true);
        control[22] |= 0x20;
        BatchHeader.WriteCrc(control);
        byte[] old = Batches.Plain();
        old[16] = 1;

        Assert.Equal(KafkaError.CorruptMessage, Append(log, badCrc).Error);
        Assert.Equal(KafkaError.InvalidRecord, Append(log, control).Error);
        Assert.Equal(KafkaError.InvalidRecord, Append(log, old).Error);
        Assert.Equal(KafkaError.CorruptMessage, Append(log, Batches.Plain()[..40]).Error);
        Assert.Equal(KafkaError.InvalidRecord, Append(log, [.. Batches.Plain(), .. Batches.Plain()]).Error);
        Assert.Equal(KafkaError.MessageTooLarge, Append(log, Batches.Plain(valueSize: 2_000_000)).Error);
        Assert.Equal(0, log.EndOffset);
    }

    private PartitionLog Open(int segmentBytes = 1_000_000, bool onDisk = true) => PartitionLog.Open(
        "t-0", onDisk ? _folder.Path : null, new TopicConfig(new Dictionary<string, string> { ["segment.bytes"] = $"{segmentBytes}" }), 0, new FileHandles(16), NullLogger.Instance, TimeProvider.System);

    private static AppendResult Append(PartitionLog log, byte[] batch) => log.Append(batch, _ => KafkaError.None);
}
