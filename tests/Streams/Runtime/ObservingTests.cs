using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Pause and resume, metrics, restore listeners.</summary>
public abstract class ObservingTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task A_paused_application_processes_nothing_and_goes_on_when_it_resumes()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), Options());
        SendCounts(input, 0, 100);
        await Cluster.ReadWhen(output, 100);

        application.Streams.Pause();
        // One batch may be under way: the next second's records are not.
        await Eventually.True(() => application.Streams.MetadataForLocalThreads().All(thread => thread.ActiveTasks.Count > 0), "the status is there");
        SendCounts(input, 100, 100);
        await Eventually.True(() => Lag(application) > 0, "records wait");
        Assert.True(application.Streams.IsPaused);
        Assert.Equal(StreamsState.Running, application.Streams.State);
        Assert.Equal(100, Cluster.ReadAll(output).Count);

        application.Streams.Resume();
        AssertCounts(await Cluster.ReadWhen(output, 200), 200);
        await Eventually.True(() => Lag(application) == 0, "nothing waits");
    }

    [Fact]
    public async Task Restoring_is_told_to_a_listener_and_seen_in_the_metadata()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 100);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), Options()))
        {
            await Cluster.ReadWhen(output, 100);
            await first.Close();
        }
        RestoreListener listener = new();
        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), Options() with { StateRestoreListener = listener });

        TopicPartition changelog = new($"{Cluster.Id}-counts-changelog", 0);
        long restored = listener.Ended[changelog];
        Assert.InRange(restored, 50, 100);
        Assert.Equal(restored, listener.Batches[changelog]);
        Assert.True(listener.Starts[changelog] >= restored);
        await Eventually.True(() => second.Streams.MetadataForLocalThreads().Single().ThreadState == "RUNNING", "the thread shows that it runs");
        await Eventually.True(() => second.Streams.MetadataForLocalThreads().Single().ActiveTasks is [{ State: "RUNNING", RestoreRemaining: 0 }], "the task shows that it runs");
        TaskMetadata task = second.Streams.MetadataForLocalThreads().Single().ActiveTasks.Single();
        Assert.Equal(new TaskId(0, 0), task.TaskId);
        Assert.Equal(input, Assert.Single(task.Partitions).Topic);
    }

    [Fact]
    public async Task Metrics_have_the_names_and_tags_of_Kafka_Streams()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        for (int i = 0; i < 100; i++)
            Cluster.Send(input, $"key-{i % 50}", i == 7 ? null : $"{i}", 1_000_000 - i);
        Cluster.Flush();
        ConcurrentDictionary<string, (double Value, Dictionary<string, object?> Tags)> seen = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter.Name == "Assay.Streams" && instrument.Meter.Tags!.Contains(new("application-id", Cluster.Id)))
                to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen[instrument.Name] = (value, new(tags.ToArray())));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[instrument.Name] = (value, new(tags.ToArray())));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen[instrument.Name] = (value, new(tags.ToArray())));
        listener.Start();
        StreamsBuilder builder = new();
        builder.Stream(input, new Consumed<string, string>(Serdes.String, Serdes.String)).GroupByKey()
            .Count(new Materialized<string, long>(Serdes.String, Serdes.Long)).ToStream().To(output, new Produced<string, long>(Serdes.String, Serdes.Long));
        await using Application application = await Application.StartAndWait(builder.Build(), Options());
        await Cluster.ReadWhen(output, 99);

        await Eventually.True(() =>
        {
            listener.RecordObservableInstruments();
            return seen.TryGetValue("commit-total", out (double Value, Dictionary<string, object?> Tags) commits) && commits.Value > 0 &&
                seen["dropped-records-total"].Value > 0;
        }, "the commit is counted");

        Assert.Equal(2, seen["state"].Value);
        Assert.Equal(1, seen["alive-stream-threads"].Value);
        Assert.Equal(100, seen["process-total"].Value);
        Assert.Equal(100, seen["task-process-total"].Value);
        Assert.Equal(1, seen["dropped-records-total"].Value);
        Assert.Equal(49.5, seen["record-lateness-avg"].Value);
        Assert.Equal(99, seen["record-lateness-max"].Value);
        Assert.True(seen["record-e2e-latency-min"].Value > 0);
        foreach (string name in (string[])["process-rate", "process-latency-avg", "process-latency-max", "process-ratio", "poll-rate", "poll-records-avg", "poll-latency-avg",
                     "commit-rate", "commit-latency-avg", "commit-latency-max", "punctuate-total", "task-created-total", "active-process-ratio", "restore-total",
                     "restore-remaining-records-total", "active-buffer-count"])
            Assert.True(seen.ContainsKey(name), name);
        Assert.EndsWith("-StreamThread-1", (string)seen["process-total"].Tags["thread-id"]!, StringComparison.Ordinal);
        Assert.Equal("0_0", seen["record-lateness-avg"].Tags["task-id"]);
        Assert.StartsWith("KSTREAM-SINK-", (string)seen["record-e2e-latency-min"].Tags["processor-node-id"]!, StringComparison.Ordinal);
    }

    private static long Lag(Application application) =>
        application.Streams.MetadataForLocalThreads().SelectMany(thread => thread.ActiveTasks).SelectMany(task => task.Partitions).Sum(partition => partition.Lag);
}

public sealed class ObservingTestsOnAssay(AssayKafka kafka) : ObservingTests(kafka);

public sealed class ObservingTestsOnApacheKafka(ApacheKafka kafka) : ObservingTests(kafka);
