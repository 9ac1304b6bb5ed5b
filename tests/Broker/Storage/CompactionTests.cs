using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Broker.Tests.Storage;

/// <summary>Compaction of a log: what stays, what goes, and when.</summary>
public sealed class CompactionTests : IDisposable
{
    private const long DeleteRetention = 60_000;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Newest_value_of_each_key_stays_at_its_offset(int codec, bool onDisk)
    {
        using PartitionLog log = Open(onDisk);
        for (int batch = 0; batch < 60; batch++)
            Append(log, Batches.Keyed(codec, ($"a{batch % 7}", $"{batch}", batch), ($"b{batch % 11}", $"{batch}", batch)));
        long size = log.Size;

        Assert.True(log.Compact(Ct));

        List<Seen> seen = LogReader.Committed(log);
        Assert.True(log.Size < size / 2, $"{size} bytes became {log.Size}");
        Assert.Equal(120, log.EndOffset);
        Assert.All(seen, record => Assert.Equal((record.Offset / 2, record.Timestamp), (long.Parse(record.Value!), record.Offset / 2)));
        foreach (string key in Enumerable.Range(0, 7).Select(index => $"a{index}").Concat(Enumerable.Range(0, 11).Select(index => $"b{index}")))
        {
            int newest = Enumerable.Range(0, 60).Last(batch => key == $"a{batch % 7}" || key == $"b{batch % 11}");
            Assert.Equal($"{newest}", seen.Last(record => record.Key == key).Value);
        }
        Assert.False(log.Compact(Ct), "there is nothing more to gain");
    }

    [Fact]
    public void Tombstone_stays_for_its_time_after_the_first_pass_and_then_goes()
    {
        using PartitionLog log = Open();
        Append(log, Batches.Keyed(0, ("gone", "value", 1), ("kept", "value", 1)));
        Append(log, Batches.Keyed(1, ("gone", null, 2), ("other", "value", 3)));
        Pad(log);

        _time.Advance(Hour);
        Assert.True(log.Compact(Ct));
        Assert.Contains(new Seen(2, 2, "gone", null), LogReader.Committed(log));
        Assert.Contains(new Seen(3, 3, "other", "value"), LogReader.Committed(log));

        _time.Advance(TimeSpan.FromMilliseconds(DeleteRetention - 1));
        Pad(log);
        Assert.True(log.Compact(Ct));
        Assert.Contains(new Seen(2, 2, "gone", null), LogReader.Committed(log));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Pad(log);
        Assert.True(log.Compact(Ct));
        Assert.DoesNotContain(LogReader.Committed(log), record => record.Key == "gone");
        Assert.Contains(new Seen(3, 3, "other", "value"), LogReader.Committed(log));
    }

    [Fact]
    public void Marker_goes_only_after_the_records_of_its_transaction_and_its_time()
    {
        using PartitionLog log = Open();
        Append(log, Batches.Keyed(0, ("key", "aborted", 1)).By(1, 0, 0, transactional: true));
        log.AppendMarker(1, 0, commit: false, coordinatorEpoch: 0);
        Append(log, Batches.Keyed(0, ("key", "committed", 2)).By(1, 0, 1, transactional: true));
        log.AppendMarker(1, 0, commit: true, coordinatorEpoch: 0);
        Append(log, Batches.Keyed(0, ("last", "of the producer", 3)).By(1, 0, 2, transactional: true));
        log.AppendMarker(1, 0, commit: true, coordinatorEpoch: 0);
        Pad(log);

        Assert.True(log.Compact(Ct));
        Assert.Equal([1L, 2, 3, 4, 5], LogReader.Batches(log).Select(batch => batch.BaseOffset).Where(offset => offset < 6));
        Assert.Equal("committed", LogReader.Committed(log)[0].Value);

        // The second pass finds nothing of the aborted transaction: from then on the marker's time counts.
        Pad(log);
        Assert.True(log.Compact(Ct));
        Assert.Contains(LogReader.Batches(log), batch => batch.BaseOffset == 1);
        _time.Advance(Hour);
        Pad(log);
        Assert.True(log.Compact(Ct));
        Assert.Equal([2L, 3, 4, 5], LogReader.Batches(log).Select(batch => batch.BaseOffset).Where(offset => offset < 6));
        Assert.Equal("committed", LogReader.Committed(log)[0].Value);
        Assert.Empty(log.Read(0, 100_000, committedOnly: true, atLeastOne: true).Aborted!);
    }

    [Fact]
    public void Open_transaction_holds_compaction_back()
    {
        using PartitionLog log = Open();
        Append(log, Batches.Keyed(0, ("key", "first", 1)));
        Append(log, Batches.Keyed(0, ("key", "open", 2)).By(1, 0, 0, transactional: true));
        Pad(log);

        Assert.False(log.Compact(Ct));
        log.AppendMarker(1, 0, commit: true, coordinatorEpoch: 0);
        Pad(log);
        Assert.True(log.Compact(Ct));
        Assert.Equal("open", LogReader.Committed(log).First(record => record.Key == "key").Value);
    }

    [Fact]
    public void Producer_goes_on_where_it_was_after_its_records_were_compacted_and_nothing_but_the_log_is_left()
    {
        using (PartitionLog log = Open())
        {
            for (int sequence = 0; sequence < 20; sequence++)
                Append(log, Batches.Keyed(0, ("key", $"{sequence}", sequence)).By(1, 0, sequence, transactional: false));
            Append(log, Batches.Keyed(0, ("key", "newest", 100)));
            Pad(log);
            Assert.True(log.Compact(Ct));
            Assert.Equal("newest", Assert.Single(LogReader.Committed(log), record => record.Key == "key").Value);
        }
        foreach (string checkpoint in Directory.GetFiles(_folder.Path, "*.checkpoint"))
            File.Delete(checkpoint);

        using PartitionLog again = Open();
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, again.Append(Batches.Keyed(0, ("key", "gap", 200)).By(1, 0, 25, transactional: false), _ => KafkaError.None).Error);
        Append(again, Batches.Keyed(0, ("key", "next", 200)).By(1, 0, 20, transactional: false));
    }

    [Fact]
    public void Pass_with_too_many_keys_for_its_memory_goes_as_far_as_it_can_and_the_next_one_goes_on()
    {
        using PartitionLog log = Open();
        for (int round = 0; round < 2; round++)
            for (int key = 0; key < 100; key++)
                Append(log, Batches.Keyed(0, ($"{key}", $"{round}", 1)));
        Pad(log);

        for (int pass = 0; pass < 30; pass++)
            log.Compact(Ct, mostKeys: 30);

        List<Seen> seen = [.. LogReader.Committed(log).Where(record => record.Key is not "pad" and not "active")];
        Assert.Equal(100, seen.Select(record => record.Key).Distinct().Count());
        Assert.All(seen.GroupBy(record => record.Key), records => Assert.Equal("1", records.Last().Value));
    }

    [Fact]
    public void Young_records_are_left_alone_and_old_ones_are_not_kept_waiting()
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        using PartitionLog log = Open(settings: [("min.compaction.lag.ms", "60000"), ("max.compaction.lag.ms", "3600000"), ("min.cleanable.dirty.ratio", "1")]);
        for (int batch = 0; batch < 20; batch++)
            Append(log, Batches.Keyed(0, ("key", $"{batch}", now)));

        Assert.False(log.Compact(Ct), "all of it is young");
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(log.Compact(Ct), "all of it is dirty, but the ratio has to be above 1");
        _time.Advance(Hour);
        Assert.True(log.Compact(Ct));
    }

    [Fact]
    public void Record_without_key_is_refused_by_a_compacted_topic()
    {
        using PartitionLog log = Open();

        Assert.Equal(KafkaError.InvalidRecord, log.Append(Batches.Keyed(0, ("key", "value", 1), (null, "value", 1)), _ => KafkaError.None).Error);
        Assert.Equal(KafkaError.InvalidRecord, log.Append(Batches.Keyed(4, (null, "value", 1)), _ => KafkaError.None).Error);
        Assert.Equal(0, log.EndOffset);
    }

    [Fact]
    public void Process_that_dies_at_any_point_of_a_pass_leaves_the_log_as_it_was_or_compacted()
    {
        List<Seen> before;
        using (PartitionLog log = Open())
        {
            for (int batch = 0; batch < 60; batch++)
                Append(log, Batches.Keyed(0, ($"{batch % 7}", $"{batch}", batch)).By(1, 0, batch, transactional: false));
            before = LogReader.Committed(log);
        }
        Dictionary<string, byte[]> old = Files();
        List<Seen> after;
        using (PartitionLog log = Open(settings: ("segment.bytes", "1000000")))
        {
            Assert.True(log.Compact(Ct));
            after = LogReader.Committed(log);
        }
        Dictionary<string, byte[]> compacted = Files();
        string copy = compacted.Keys.Where(name => name.EndsWith(".log", StringComparison.Ordinal)).Order().First();
        long[] replaced = [.. old.Keys.Where(name => name.EndsWith(".log", StringComparison.Ordinal) && !compacted.ContainsKey(name)).Select(name => long.Parse(Path.GetFileNameWithoutExtension(name))).Append(0).Order()];
        long end = compacted.Keys.Where(name => name.EndsWith(".log", StringComparison.Ordinal)).Select(name => long.Parse(Path.GetFileNameWithoutExtension(name))).Order().ElementAt(1);
        string swap = $"{0:D20}-{end:D20}.swap";

        // While the copy is written, torn anywhere.
        Check([.. old, new($"{copy}.cleaned", compacted[copy][..(compacted[copy].Length / 2)])], before);
        // From the moment it counts on, with ever fewer of the segments that it replaces, their checkpoints before or after them.
        for (int gone = 0; gone <= replaced.Length; gone++)
            foreach (bool checkpointToo in (bool[])[false, true])
                Check(
                    [
                        .. old.Where(file => long.Parse(Path.GetFileNameWithoutExtension(file.Key)) is var offset
                            && !replaced.Take(gone).Any(each => each == offset && (checkpointToo || file.Key.EndsWith(".log", StringComparison.Ordinal)))),
                        new(swap, compacted[copy]),
                    ],
                    after);
        // In its place, but without its checkpoint.
        Check([.. compacted.Where(file => file.Key != Path.ChangeExtension(copy, ".checkpoint"))], after);

        void Check(IReadOnlyCollection<KeyValuePair<string, byte[]>> files, List<Seen> expected)
        {
            foreach (string path in Directory.GetFiles(_folder.Path))
                File.Delete(path);
            foreach ((string name, byte[] bytes) in files)
                File.WriteAllBytes(_folder[name], bytes);
            using PartitionLog log = Open();
            Assert.Equal(60, log.EndOffset);
            Assert.Equal(expected, LogReader.Committed(log));
            Append(log, Batches.Keyed(0, ("key", "next", 100)).By(1, 0, 60, transactional: false));
            Assert.DoesNotContain(Directory.GetFiles(_folder.Path), path => path.EndsWith(".swap", StringComparison.Ordinal) || path.EndsWith(".cleaned", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Reader_sees_every_newest_value_while_the_log_is_compacted_under_it()
    {
        using PartitionLog log = Open();
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<int> reading = Task.Run(() =>
        {
            int rounds = 0;
            for (; !done.IsCancellationRequested || rounds == 0; rounds++)
            {
                List<Seen> seen = LogReader.Committed(log, maxBytes: 300);
                Assert.Equal(seen.Select(record => record.Offset).Order().Distinct(), seen.Select(record => record.Offset));
                if (seen.Count > 500)
                    Assert.Equal(50, seen.Select(record => record.Key).Where(key => key != "pad" && key != "active").Distinct().Count());
            }
            return rounds;
        }, Ct);
        for (int batch = 0; batch < 1_500; batch++)
        {
            Append(log, Batches.Keyed(0, ($"{batch % 50}", $"{batch}", batch)));
            if (batch % 100 == 99)
                log.Compact(Ct);
        }
        await done.CancelAsync();

        Assert.True(await reading > 0);
    }

    private Dictionary<string, byte[]> Files() => Directory.GetFiles(_folder.Path).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    private PartitionLog Open(bool onDisk = true, params (string Name, string Value)[] settings)
    {
        Dictionary<string, string> all = new()
        {
            ["cleanup.policy"] = "compact", ["segment.bytes"] = "500", ["delete.retention.ms"] = $"{DeleteRetention}", ["min.cleanable.dirty.ratio"] = "0.01", ["segment.ms"] = $"{long.MaxValue}",
        };
        foreach ((string name, string value) in settings)
            all[name] = value;
        return PartitionLog.Open("t-0", onDisk ? _folder.Path : null, new TopicConfig(all), 0, new FileHandles(4), NullLogger.Instance, _time);
    }

    /// <summary>Fills the active segment, so that what stands before is sealed.</summary>
    private static void Pad(PartitionLog log)
    {
        Append(log, Batches.Keyed(0, ("pad", new string('x', 450), 1)));
        Append(log, Batches.Keyed(0, ("active", new string('x', 450), 1)));
    }

    private static void Append(PartitionLog log, byte[] batch) => Assert.Equal(KafkaError.None, log.Append(batch, _ => KafkaError.None).Error);
}
