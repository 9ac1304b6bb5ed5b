using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Broker.Tests.Storage;

/// <summary>Random producers, transactions, tombstones, codecs, passes, restarts (with and without checkpoints) and leaps in time, beside a plain list of what was written.</summary>
public sealed class CompactionPropertyTests : IDisposable
{
    private const int Producers = 3;
    private static readonly TimeSpan DeleteRetention = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<Seen> _committed = [];
    private readonly Dictionary<int, List<Seen>> _open = [];
    private readonly int[] _sequences = new int[Producers];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Compacted_log_tells_the_same_as_the_whole_one(bool seedFromClock)
    {
        int seed = seedFromClock ? Random.Shared.Next() : 7;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        PartitionLog log = Open();
        try
        {
            for (int step = 0; step < 600; step++)
            {
                switch (random.Next(20))
                {
                    case < 14:
                        Write(log, random);
                        break;
                    case < 17 when _open.Count > 0:
                        End(log, _open.Keys.ElementAt(random.Next(_open.Count)), commit: random.Next(2) == 0);
                        break;
                    case 17:
                        _time.Advance(random.Next(3) * DeleteRetention / 2);
                        break;
                    case 18:
                        log.Compact(TestContext.Current.CancellationToken, mostKeys: random.Next(3, 30));
                        break;
                    case 19 when random.Next(3) == 0:
                        log.Dispose();
                        if (random.Next(2) == 0)
                            foreach (string checkpoint in Directory.GetFiles(_folder.Path, "*.checkpoint"))
                                File.Delete(checkpoint);
                        log = Open();
                        break;
                }
                if (step % 20 == 19)
                    Check(log, seed);
            }
        }
        finally
        {
            log.Dispose();
        }
    }

    private void Write(PartitionLog log, Random random)
    {
        int producer = random.Next(Producers);
        bool transactional = producer > 0 && (_open.ContainsKey(producer) || random.Next(2) == 0);
        if (producer > 0 && !transactional)
            return;
        (string? Key, string? Value, long Timestamp)[] records = [.. Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => ((string?)$"{random.Next(12)}", random.Next(5) == 0 ? null : $"{random.Next(1000)}", (long)random.Next(100_000)))];
        byte[] batch = Batches.Keyed(random.Next(5), records).By(producer, 0, _sequences[producer], transactional);
        AppendResult appended = log.Append(batch, _ => KafkaError.None);
        Assert.Equal(KafkaError.None, appended.Error);
        _sequences[producer] += records.Length;
        IEnumerable<Seen> written = records.Select((record, index) => new Seen(appended.BaseOffset + index, record.Timestamp, record.Key, record.Value));
        if (!transactional)
            _committed.AddRange(written);
        else if (_open.TryGetValue(producer, out List<Seen>? open))
            open.AddRange(written);
        else
            _open[producer] = [.. written];
    }

    private void End(PartitionLog log, int producer, bool commit)
    {
        log.AppendMarker(producer, 0, commit, coordinatorEpoch: 0);
        if (commit)
            _committed.AddRange(_open[producer]);
        _open.Remove(producer);
    }

    private void Check(PartitionLog log, int seed)
    {
        long stable = log.LastStableOffset;
        Assert.Equal(_open.Count == 0 ? log.EndOffset : _open.Values.Min(records => records[0].Offset), stable);
        Dictionary<long, Seen> whole = _committed.Where(record => record.Offset < stable).ToDictionary(record => record.Offset);
        List<Seen> seen = LogReader.Committed(log);
        Assert.True(seen.Select(record => record.Offset).SequenceEqual(seen.Select(record => record.Offset).Order().Distinct()), $"seed {seed}: offsets go up");
        Assert.All(seen, record => Assert.Equal(whole[record.Offset], record));
        HashSet<long> kept = [.. seen.Select(record => record.Offset)];
        foreach (Seen newest in whole.Values.GroupBy(record => record.Key).Select(records => records.MaxBy(record => record.Offset)!))
            Assert.True(
                kept.Contains(newest.Offset) || newest.Value is null && !seen.Exists(record => record.Key == newest.Key),
                $"seed {seed}: {newest} went, or left older ones behind");
        // A record that went has a newer one of its key behind it, or was a tombstone.
        foreach (Seen gone in whole.Values.Where(record => !kept.Contains(record.Offset)))
            Assert.True(gone.Value is null || whole.Values.Any(other => other.Key == gone.Key && other.Offset > gone.Offset), $"seed {seed}: {gone} went");
    }

    private PartitionLog Open() => PartitionLog.Open(
        "t-0", _folder.Path,
        new TopicConfig(new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact", ["segment.bytes"] = "700", ["min.cleanable.dirty.ratio"] = "0", ["delete.retention.ms"] = $"{DeleteRetention.TotalMilliseconds}",
        }),
        0, new FileHandles(4), NullLogger.Instance, _time);
}
