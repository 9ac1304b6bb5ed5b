using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Repartition topics and what is read through them.</summary>
public abstract class RepartitionTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task Rule24_a_repartition_topic_keeps_what_is_unread_and_loses_what_was_committed()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1);
        string between = $"{Cluster.Id}-by-first-letter-repartition";
        using ManualResetEventSlim blocked = new(), released = new();
        SendCounts(input, 0, 500);
        await using Application application = await Application.StartAndWait(
            Repartitioned(input, output, blocked, released), Options() with { RepartitionPurgeInterval = TimeSpan.FromMilliseconds(100), NumStreamThreads = 2 });
        await Cluster.ReadWhen(output, 500);
        Assert.Equal((3, "delete"), await Cluster.Describe(between));
        // A commit is what purges: the records after it bring one.
        SendCounts(input, 500, 50);
        await Cluster.ReadWhen(output, 550);
        SendCounts(input, 550, 50);
        await Eventually.True(() => Remaining(between) < 500, "what was read is deleted", TimeSpan.FromSeconds(60));

        // One reader stops in mid-work: what it has not read stays.
        Cluster.Send(input, "key-1", "block", 2_000_000);
        Cluster.Flush();
        await Eventually.True(() => blocked.IsSet, "a reader blocks");
        SendCounts(input, 600, 400);
        await Eventually.True(() => Remaining(between) >= 200, "records wait to be read");
        for (int partition = 0; partition < 3; partition++)
            Assert.True(Cluster.Beginning(between, partition) <= Math.Max(0, await Cluster.Committed(Cluster.Id, between, partition)));
        released.Set();

        List<Seen> seen = await Cluster.ReadWhen(output, 1001);
        AssertCounts([.. seen.Where(record => record.Key != "block")], 1000);
    }

    [Fact]
    public async Task Rule24_a_repartition_topic_that_someone_else_made_is_one_plain_sentence()
    {
        string input = await Cluster.Topic("in", 3), output = await Cluster.Topic("out", 1), between = await Cluster.Topic("by-first-letter-repartition", 2, ("retention.ms", "604800000"));

        StreamsException counts = await Refusal(Repartitioned(input, output));
        await Cluster.AddPartitions(between, 3);
        StreamsException retention = await Refusal(Repartitioned(input, output));

        Assert.Contains($"The repartition topic '{between}' has 2 partitions where {Cluster.Id} needs 3", counts.Message, StringComparison.Ordinal);
        Assert.Contains($"The repartition topic '{between}' has cleanup.policy=delete and retention.ms=604800000", retention.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_that_has_shrunk_is_one_plain_sentence()
    {
        string input = await Cluster.Topic("in", 2), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 100);
        await using (Application first = await Application.StartAndWait(Counter.Topology(input, output), Options()))
        {
            await Cluster.ReadWhen(output, 100);
            await first.Close();
        }

        await Cluster.Commit(Cluster.Id, input, 1, 1000);
        StreamsException shorter = await Refusal(Counter.Topology(input, output));
        await Cluster.Recreate(input, 1);
        StreamsException narrower = await Refusal(Counter.Topology(input, output));

        Assert.Contains($"in partition 1, but {Cluster.Id} has read it up to 1000", shorter.Message, StringComparison.Ordinal);
        Assert.Contains($"The input '{input}' has 1 partitions, the state in '{Cluster.Id}-counts-changelog' was kept for 2", narrower.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rule21_a_partition_added_to_an_input_that_nobody_subscribes_to_is_reported()
    {
        string left = await Cluster.Topic("left", 2), right = await Cluster.Topic("right", 2), output = await Cluster.Topic("out", 1);
        ClientConfig client = Cluster.Client;
        client.TopicMetadataRefreshIntervalMs = 500;
        await using Application application = await Application.StartAndWait(Counter.Topology([left, right], output), Options() with { Client = client });

        // The first by name leads.
        await Cluster.AddPartitions(right, 3);

        StreamsException exception = await Assert.ThrowsAsync<StreamsException>(() => application.Run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Contains($"Topic '{right}' had 2 partitions", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Counts by key behind a repartition topic; the value <c>block</c> waits there.</summary>
    private static Topology Repartitioned(string input, string output, ManualResetEventSlim? blocked = null, ManualResetEventSlim? released = null, string topic = "by-first-letter")
    {
        StreamsBuilder builder = new();
        builder.Stream(input, new Consumed<string, string>(Serdes.String, Serdes.String))
            .SelectKey((key, value) => value == "block" ? "block" : key)
            .Repartition(new Repartitioned<string, string>(Serdes.String, Serdes.String) { Name = topic })
            .Peek((_, value) =>
            {
                if (value != "block" || released is null)
                    return;
                blocked!.Set();
                Assert.True(released.Wait(TimeSpan.FromSeconds(90)));
            })
            .GroupByKey().Count(new Materialized<string, long>(Serdes.String, Serdes.Long))
            .ToStream().To(output, new Produced<string, long>(Serdes.String, Serdes.Long));
        return builder.Build();
    }

    /// <summary>Why an application does not start.</summary>
    private async Task<StreamsException> Refusal(Topology topology)
    {
        await using Application application = Application.Start(topology, Options());
        return await Assert.ThrowsAsync<StreamsException>(() => application.Run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    private long Remaining(string topic) => Enumerable.Range(0, 3).Sum(partition => Cluster.End(topic, partition) - Cluster.Beginning(topic, partition));
}

public sealed class RepartitionTestsOnAssay(AssayKafka kafka) : RepartitionTests(kafka);

public sealed class RepartitionTestsOnApacheKafka(ApacheKafka kafka) : RepartitionTests(kafka);
