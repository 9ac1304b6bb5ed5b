using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Tests.Storage;

/// <summary>Bytes that changed on the disk: an end that is torn goes, with one line; anything else is said and never served.</summary>
public sealed class DamageTests : IDisposable
{
    private const string First = "00000000000000000000";
    private const int BatchCount = 12;
    private readonly TemporaryFolder _folder = new();
    private readonly Lines _lines = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_changed_byte_of_a_batch_in_the_middle_is_never_served_and_the_rest_is(bool checkpointed)
    {
        Fill(segmentBytes: 1_000_000);
        byte[] whole = File.ReadAllBytes(_folder[$"{First}.log"]);
        int size = whole.Length / BatchCount;
        if (!checkpointed)
            File.Delete(_folder[$"{First}.checkpoint"]);
        byte[]? checkpoint = checkpointed ? File.ReadAllBytes(_folder[$"{First}.checkpoint"]) : null;

        for (int at = 0; at < size; at++)
        {
            byte[] damaged = [.. whole];
            damaged[5 * size + at] ^= 0x40;
            File.WriteAllBytes(_folder[$"{First}.log"], damaged);
            if (checkpoint is not null)
                File.WriteAllBytes(_folder[$"{First}.checkpoint"], checkpoint);
            using (PartitionLog log = Open(1_000_000))
            {
                Assert.Equal(BatchCount, log.EndOffset);
                ReadResult before = log.Read(0, 1_000_000, committedOnly: false, atLeastOne: true);
                Assert.Equal(5 * size, before.Length);
                Assert.Equal(KafkaError.CorruptMessage, log.Read(5, 1_000_000, false, true).Error);
                if (!checkpointed)
                    Assert.Equal((KafkaError.None, 6 * size), (log.Read(6, 1_000_000, false, true).Error, log.Read(6, 1_000_000, false, true).Length));
                Assert.Equal(KafkaError.None, Append(log, Batches.Plain()).Error);
            }
            File.Delete(_folder[$"{First}.checkpoint"]);
        }
        Assert.Equal(size, _lines.Count(15));
    }

    [Fact]
    public void Damage_in_a_sealed_segment_is_reported_at_the_start_and_keeps_no_other_segment_from_being_read()
    {
        Fill(segmentBytes: 300);
        File.Delete(_folder[$"{First}.checkpoint"]);
        byte[] bytes = File.ReadAllBytes(_folder[$"{First}.log"]);
        bytes[70] ^= 1;
        File.WriteAllBytes(_folder[$"{First}.log"], bytes);

        using PartitionLog log = Open(300);

        Assert.Equal(1, _lines.Count(15));
        Assert.Equal(KafkaError.CorruptMessage, log.Read(0, 1_000, false, true).Error);
        Assert.Equal(KafkaError.None, log.Read(BatchCount - 1, 1_000, false, true).Error);
        Assert.Equal(BatchCount, log.EndOffset);
    }

    [Fact]
    public void Torn_end_is_cut_off_with_one_line()
    {
        Fill(segmentBytes: 1_000_000);
        byte[] whole = File.ReadAllBytes(_folder[$"{First}.log"]);
        File.WriteAllBytes(_folder[$"{First}.log"], whole[..^3]);

        using PartitionLog log = Open(1_000_000);

        Assert.Equal(BatchCount - 1, log.EndOffset);
        Assert.Equal((1, 0), (_lines.Count(5), _lines.Count(15)));
    }

    [Fact]
    public void Damaged_or_foreign_checkpoint_costs_a_reading_of_the_segment_and_nothing_else()
    {
        Fill(segmentBytes: 300);
        foreach (string path in Directory.GetFiles(_folder.Path, "*.checkpoint"))
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        using PartitionLog log = Open(300);

        Assert.Equal(Enumerable.Range(0, BatchCount).Select(offset => (long)offset), LogReader.Batches(log).Select(batch => batch.BaseOffset));
        Assert.Equal(0, _lines.Count(15));
    }

    private void Fill(int segmentBytes)
    {
        using PartitionLog log = Open(segmentBytes);
        for (int batch = 0; batch < BatchCount; batch++)
            Append(log, Batches.Of(7, 0, batch));
    }

    private PartitionLog Open(int segmentBytes) => PartitionLog.Open(
        "t-0", _folder.Path, new TopicConfig(new Dictionary<string, string> { ["segment.bytes"] = $"{segmentBytes}" }), 0, new FileHandles(3), _lines, TimeProvider.System);

    private static AppendResult Append(PartitionLog log, byte[] batch) => log.Append(batch, _ => KafkaError.None);

    private sealed class Lines : ILogger
    {
        private readonly List<int> _events = [];

        public int Count(int id) => _events.Count(each => each == id);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _events.Add(eventId.Id);
    }
}
