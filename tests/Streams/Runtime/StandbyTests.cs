using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Standby tasks.</summary>
public abstract class StandbyTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task A_standby_takes_over_from_a_killed_instance_without_restoring_from_the_beginning()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        for (int i = 0; i < 5000; i++)
            Cluster.Send(input, $"{i}", "v", i);
        SendCounts(input, 0, 500);
        StreamsOptions options = Options() with { NumStandbyReplicas = 1 };
        Application first = await Application.StartAndWait(Counter.Topology(input, output), options);
        await Cluster.ReadWhen(output, 5500);
        RestoreListener listener = new();
        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), options with { StateRestoreListener = listener });
        await first.Running();
        // Each has one task, and a copy of the other's.
        await Eventually.True(() => StandbyOf(first) is not null && StandbyOf(second) is not null, "both keep a standby", TimeSpan.FromSeconds(60));
        TaskMetadata standby = StandbyOf(second)!;
        Assert.DoesNotContain(ActiveOf(second), task => task == standby.TaskId);
        string changelog = $"{Cluster.Id}-counts-changelog";
        await Eventually.True(
            () => StandbyOf(second)?.Partitions.Single().Position >= Cluster.End(changelog, standby.TaskId.Partition), "the standby has all of the changelog", TimeSpan.FromSeconds(60));
        listener.Clear();

        first.Kill();
        await first.DisposeAsync();
        await Eventually.True(() => ActiveOf(second).Contains(standby.TaskId), "the second has taken over", TimeSpan.FromSeconds(60));
        await Eventually.True(() => listener.Ended.ContainsKey(new TopicPartition(changelog, standby.TaskId.Partition)), "it is restored");
        SendCounts(input, 500, 500);

        // Thousands of records lie in the changelog; the standby had them.
        Assert.InRange(listener.Ended[new TopicPartition(changelog, standby.TaskId.Partition)], 0, 100);
        AssertCounts([.. (await Cluster.ReadWhen(output, 6000)).Where(record => record.Key!.StartsWith("key", StringComparison.Ordinal))], 1000);
    }

    [Fact]
    public async Task A_standby_on_disk_takes_over_too()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        StreamsOptions options = OnDisk() with { NumStandbyReplicas = 1 };
        await using Application first = await Application.StartAndWait(Counter.Topology(input, output), options);
        await Cluster.ReadWhen(output, 500);
        RestoreListener listener = new();
        await using Application second = Application.Start(Counter.Topology(input, output), options with { StateDir = Folder["other"], StateRestoreListener = listener });
        TopicPartition changelog = new($"{Cluster.Id}-counts-changelog", 0);
        Application keeper = second;
        await Eventually.True(() =>
        {
            // Whichever of the two has the task, the other keeps the standby.
            keeper = StandbyOf(second) is null ? first : second;
            return StandbyOf(keeper)?.Partitions.Single().Position >= Cluster.End(changelog.Topic, 0);
        }, "the standby has all of the changelog", TimeSpan.FromSeconds(60));
        Assert.Same(second, keeper);
        listener.Clear();

        await first.Close();
        await Eventually.True(() => listener.Ended.ContainsKey(changelog), "the second has taken over", TimeSpan.FromSeconds(60));
        SendCounts(input, 500, 500);

        AssertCounts(await Cluster.ReadWhen(output, 1000), 1000);
        Assert.InRange(listener.Ended[changelog], 0, 10);
        Assert.True(listener.Begins[changelog] > 0);
    }

    private static TaskMetadata? StandbyOf(Application application) =>
        application.Streams.MetadataForLocalThreads().SelectMany(thread => thread.ActiveTasks).SingleOrDefault(task => task.State == "STANDBY");

    private static IEnumerable<TaskId> ActiveOf(Application application) =>
        application.Streams.MetadataForLocalThreads().SelectMany(thread => thread.ActiveTasks).Where(task => task.State != "STANDBY").Select(task => task.TaskId);
}

public sealed class StandbyTestsOnAssay(AssayKafka kafka) : StandbyTests(kafka);

public sealed class StandbyTestsOnApacheKafka(ApacheKafka kafka) : StandbyTests(kafka);
