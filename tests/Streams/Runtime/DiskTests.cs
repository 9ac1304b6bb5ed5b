using System.Globalization;
using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Stores in an embedded database.</summary>
public abstract class DiskTests(IKafka kafka) : RuntimeTests(kafka)
{
    private const int RestoredEvent = 108;
    private const int WipedEvent = 130;

    [Fact]
    public async Task Rule17_a_clean_restart_restores_nothing()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), OnDisk()))
        {
            await Cluster.ReadWhen(output, 500);
            await first.Close();
        }
        SendCounts(input, 500, 500);
        RecordingLog log = new();

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), OnDisk(), log);

        AssertCounts(await Cluster.ReadWhen(output, 1000), 1000);
        Assert.Equal(0, Restored(log));
        Assert.DoesNotContain(log.Lines, line => line.Id == WipedEvent);
    }

    [Theory]
    [InlineData(ProcessingGuarantee.ExactlyOnceV2)]
    [InlineData(ProcessingGuarantee.AtLeastOnce)]
    public async Task Rule17_after_a_kill_only_the_tail_is_restored(ProcessingGuarantee guarantee)
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);
        using CancellationTokenSource enough = new();
        Task<int> feeding = Feed(input, enough.Token);
        StreamsOptions options = OnDisk() with { GroupInstanceId = "one", ProcessingGuarantee = guarantee, CommitInterval = TimeSpan.FromMilliseconds(20) };
        Application killed = await Application.StartAndWait(Counter.Topology(input, output), options);
        await Cluster.ReadWhen(output, 1500);
        killed.Kill();
        await killed.DisposeAsync();
        await enough.CancelAsync();
        int sent = await feeding;
        long changelog = Enumerable.Range(0, 3).Sum(partition => Cluster.End($"{Cluster.Id}-counts-changelog", partition));
        RecordingLog log = new();

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), options, log);

        List<Seen> seen = await Cluster.ReadWhen(output, sent);
        if (guarantee == ProcessingGuarantee.ExactlyOnceV2)
            AssertCounts(seen, sent);
        // At most what one commit wrote of each task, after some dozens of commits.
        Assert.True(Restored(log) < changelog / 4, $"{Restored(log)} of {changelog} changelog records were restored");
        Assert.DoesNotContain(log.Lines, line => line.Id == WipedEvent);
    }

    [Fact]
    public async Task Rule17_what_a_failed_commit_wrote_is_not_in_a_store()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        using CancellationTokenSource enough = new();
        Task<int> feeding = Feed(input, enough.Token);
        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), OnDisk() with { GroupInstanceId = "one" });
        for (int i = 0; i < 3; i++)
        {
            int before = Cluster.ReadAll(output).Count;
            await Eventually.True(() => Cluster.ReadAll(output).Count > before, "more is committed");
            // Fences the application's producer: its stores are flushed, and the commit is refused.
            using IProducer<Null, Null> usurper = new ProducerBuilder<Null, Null>(new ProducerConfig(Cluster.Client) { TransactionalId = $"{Cluster.Id}-one-1" }).Build();
            usurper.InitTransactions(TimeSpan.FromSeconds(30));
        }
        await application.Running();
        await enough.CancelAsync();
        int sent = await feeding;

        AssertCounts(await Cluster.ReadWhen(output, sent), sent);
    }

    [Fact]
    public async Task Rule17_a_changelog_that_was_made_anew_empties_the_store()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), OnDisk()))
        {
            await Cluster.ReadWhen(output, 500);
            await first.Close();
        }
        await Cluster.Recreate($"{Cluster.Id}-counts-changelog", 1);
        SendCounts(input, 500, 50);
        RecordingLog log = new();

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), OnDisk(), log);

        // The state is gone with its changelog: counts begin again.
        Assert.All((await Cluster.ReadWhen(output, 550)).Skip(500), record => Assert.Equal(1, record.Number));
        Assert.Contains("another topic", Assert.Single(log.Lines, line => line.Id == WipedEvent).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.sst")]
    [InlineData("MANIFEST-*")]
    [InlineData("CURRENT")]
    public async Task Rule17_a_damaged_database_is_restored_with_one_line(string files)
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), OnDisk()))
        {
            await Cluster.ReadWhen(output, 500);
            await first.Close();
        }
        string[] damaged = Directory.GetFiles(Folder.Path, files, SearchOption.AllDirectories);
        Assert.NotEmpty(damaged);
        foreach (string file in damaged)
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^(int)(new FileInfo(file).Length / 2)]);
        SendCounts(input, 500, 500);
        RecordingLog log = new();

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), OnDisk(), log);

        AssertCounts(await Cluster.ReadWhen(output, 1000), 1000);
        Assert.Single(log.Lines, line => line.Id == WipedEvent);
    }

    [Fact]
    public async Task Rule25_two_instances_never_share_a_state_folder()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 100);
        await using Application first = await Application.StartAndWait(Counter.Topology(input, output), OnDisk());

        await using Application other = Application.Start(Counter.Topology(input, output), OnDisk());
        StreamsException refused = await Assert.ThrowsAsync<StreamsException>(() => other.Run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        Assert.StartsWith($"The state folder {Path.Combine(Folder["state"], Cluster.Id)} is in use by process {Environment.ProcessId} on ", refused.Message, StringComparison.Ordinal);
        await first.Close();
        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), OnDisk());
        AssertCounts(await Cluster.ReadWhen(output, 100), 100);
    }

    [Fact]
    public async Task Rule25_tasks_move_between_threads_and_instances_with_their_own_folders()
    {
        string input = await Cluster.Topic("in", 4), output = await Cluster.Topic("out", 1);
        using CancellationTokenSource enough = new();
        Task<int> feeding = Feed(input, enough.Token);
        await using Application first = await Application.StartAndWait(Counter.Topology(input, output), OnDisk() with { NumStreamThreads = 2 });
        for (int round = 0; round < 2; round++)
        {
            await using Application second = await Application.StartAndWait(Counter.Topology(input, output), OnDisk() with { StateDir = Folder["other"], NumStreamThreads = 2 });
            int before = Cluster.ReadAll(output).Count;
            await Eventually.True(() => Cluster.ReadAll(output).Count > before, "both work");
            await second.Close();
        }
        await first.Running();
        await enough.CancelAsync();
        int sent = await feeding;

        AssertCounts(await Cluster.ReadWhen(output, sent), sent);
    }

    /// <summary>How many changelog records the tasks have restored.</summary>
    private static long Restored(RecordingLog log) => log.Lines.Where(line => line.Id == RestoredEvent)
        .Sum(line => long.Parse(line.Text[(line.Text.LastIndexOf('(') + 1)..line.Text.LastIndexOf(" records", StringComparison.Ordinal)], CultureInfo.InvariantCulture));
}

public sealed class DiskTestsOnAssay(AssayKafka kafka) : DiskTests(kafka);

public sealed class DiskTestsOnApacheKafka(ApacheKafka kafka) : DiskTests(kafka);
