using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>A thousand partitions on disk, in a process that may open about as many files.</summary>
public sealed class ManyPartitionsTests : IDisposable
{
    private const int Partitions = 1_000;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Thousand_partitions_are_written_read_and_opened_again_with_half_as_many_files_open()
    {
        BrokerOptions options = new() { DataFolder = _folder.Path };
        await using (KafkaBroker broker = await KafkaBroker.StartAsync(options, ct: Ct))
        {
            (KafkaError error, Topic? topic) = broker.Node.Topics.Create("many", Partitions, new Dictionary<string, string>());
            Assert.Equal(KafkaError.None, error);
            for (int round = 0; round < 2; round++)
                foreach (PartitionLog log in topic!.Partitions)
                    Assert.Equal(round, log.Append(Batches.Plain(), _ => KafkaError.None).BaseOffset);
            Assert.All(topic!.Partitions, log => Assert.True(log.Read(0, 1_000, committedOnly: true, atLeastOne: true).Length > 0));
            Assert.InRange(OpenFiles(), 1, 520);
        }

        await using KafkaBroker again = await KafkaBroker.StartAsync(options, ct: Ct);
        Assert.All(again.Node.Topics.Find("many")!.Partitions, log => Assert.Equal(2, log.EndOffset));
        Assert.InRange(OpenFiles(), 0, 520);
    }

    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(path =>
        new FileInfo(path).LinkTarget?.StartsWith(_folder.Path, StringComparison.Ordinal) ?? false);
}
