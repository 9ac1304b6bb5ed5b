using Assay.Streams.Testing;
using Assay.Streams.Tests.Joins;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Joins on a broker.</summary>
public abstract class JoinTests(IKafka kafka) : RuntimeTests(kafka)
{
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);

    /// <summary>Every kind of join over the same inputs: the broker gives what the test driver gives for the records in the order in which a task takes them.</summary>
    [Fact]
    public async Task Rule10_joins_see_both_sides_also_after_a_restart_and_a_kill_and_give_what_the_test_driver_gives()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        string[] topics = [await Cluster.Topic("a", 2), await Cluster.Topic("b", 2), await Cluster.Topic("t", 2), await Cluster.Topic("u", 2)];
        string output = await Cluster.Topic("out", 1);
        List<JoinInput> inputs = JoinInputs.Many(random, topics.Length, batches: 16);
        List<JoinInput>[] halves = [inputs[..(inputs.Count / 2)], inputs[(inputs.Count / 2)..]];
        List<string> expected = [];
        for (int partition = 0; partition < 2; partition++)
        {
            using TopologyTestDriver driver = new(AllJoins(topics, output));
            foreach (List<JoinInput> half in halves)
            {
                foreach (JoinInput input in InTaskOrder(half.Where(input => PartitionOf(input) == partition), topics.Length))
                    driver.CreateInputTopic(topics[input.Topic], Serdes.String, Serdes.String).PipeInput(input.Key, input.Value, input.Timestamp);
            }
            expected.AddRange(driver.CreateOutputTopic(output, Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key} {record.Value} {record.Timestamp}"));
        }

        List<Seen> seen = [];
        foreach (List<JoinInput> half in halves)
        {
            foreach (JoinInput input in half)
                Cluster.Send(topics[input.Topic], input.Key, input.Value, input.Timestamp, PartitionOf(input));
            Cluster.Flush();
            await using (Application killed = await Application.StartAndWait(AllJoins(topics, output), Static()))
            {
                await Cluster.ReadWhen(output, seen.Count + 1);
                killed.Kill();
            }
            await using Application application = await Application.StartAndWait(AllJoins(topics, output), Static());
            await Eventually.True(async () =>
            {
                foreach (string topic in topics)
                {
                    if (await Cluster.Committed(Cluster.Id, topic, 0) != Cluster.End(topic, 0) || await Cluster.Committed(Cluster.Id, topic, 1) != Cluster.End(topic, 1))
                        return false;
                }
                return true;
            }, "all input is committed", TimeSpan.FromSeconds(60));
            await application.Close();
            seen = Cluster.ReadAll(output);
        }

        // Keys lie in one task each, which writes theirs in order.
        Assert.True(expected.Count > 100, $"seed {seed}: too little to tell");
        string[] actual = [.. seen.Select(record => $"{record.Key} {record.Text} {record.Timestamp}")];
        foreach (string key in inputs.Select(input => input.Key!).Distinct())
        {
            IEnumerable<string> wanted = expected.Where(line => line.StartsWith(key + " ", StringComparison.Ordinal)), got = actual.Where(line => line.StartsWith(key + " ", StringComparison.Ordinal));
            Assert.True(wanted.SequenceEqual(got), $"seed {seed}\nexpected {string.Join("\n", wanted)}\nactual {string.Join("\n", got)}");
        }
        Assert.Equal(expected.Count, actual.Length);
    }

    [Fact]
    public async Task Rule23_streams_with_changed_keys_meet_through_repartition_topics()
    {
        string left = await Cluster.Topic("left", 3), right = await Cluster.Topic("right", 2), output = await Cluster.Topic("out", 1);
        for (int i = 0; i < 100; i++)
        {
            Cluster.Send(left, $"any-{i % 7}", $"{i % 10}", 1000 + i);
            if (i < 10)
                Cluster.Send(right, $"{i}", $"right-{i}", 1000 + i);
        }
        Cluster.Flush();
        StreamsBuilder builder = new();
        JoinWindows windows = JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        builder.Stream(left, Texts).SelectKey((_, value) => value)
            .Join(builder.Stream(right, Texts), (key, a, b) => $"{a}+{b}", windows, new StreamJoined<string, string, string>(Serdes.String, Serdes.String, Serdes.String))
            .To(output, TextsOut);

        await using Application application = await Application.StartAndWait(builder.Build(), Options());

        List<Seen> seen = await Cluster.ReadWhen(output, 100);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i % 10} {i % 10}+right-{i % 10}").Order(), seen.Select(record => $"{record.Key} {record.Text}").Order());
    }

    private static Topology AllJoins(string[] topics, string output)
    {
        StreamsBuilder builder = new();
        KStream<string, string> a = builder.Stream(topics[0], Texts), b = builder.Stream(topics[1], Texts);
        KTable<string, string> t = builder.Table(topics[2], Texts, new Materialized<string, string>(Serdes.String, Serdes.String) { HistoryRetention = TimeSpan.FromMilliseconds(50) });
        KTable<string, string> u = builder.Table(topics[3], Texts);
        JoinWindows windows = JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMilliseconds(8), TimeSpan.FromMilliseconds(5));
        a.OuterJoin(b, (_, left, right) => $"streams {left}+{right}", windows, new StreamJoined<string, string, string>(Serdes.String, Serdes.String, Serdes.String)).To(output, TextsOut);
        a.LeftJoin(t, (_, left, right) => $"as of {left}+{right}", new Joined<string, string>(Serdes.String, Serdes.String) { GracePeriod = TimeSpan.FromMilliseconds(10) }).To(output, TextsOut);
        a.Join(u, (_, left, right) => $"latest {left}+{right}").To(output, TextsOut);
        t.OuterJoin(u, (_, left, right) => $"tables {left}+{right}", new Materialized<string, string>(Serdes.String, Serdes.String)).ToStream()
            .MapValues((_, value) => value ?? "tables none").To(output, TextsOut);
        return builder.Build();
    }

    private static int PartitionOf(JoinInput input) => input.Key![^1] % 2;

    /// <summary>The smallest timestamp among the topics' next records; of equal ones, that of the source added first.</summary>
    private static IEnumerable<JoinInput> InTaskOrder(IEnumerable<JoinInput> inputs, int topics)
    {
        Queue<JoinInput>[] queues = [.. Enumerable.Range(0, topics).Select(_ => new Queue<JoinInput>())];
        foreach (JoinInput input in inputs)
            queues[input.Topic].Enqueue(input);
        while (queues.Where(queue => queue.Count > 0).MinBy(queue => queue.Peek().Timestamp) is { } next)
            yield return next.Dequeue();
    }
}

public sealed class JoinTestsOnAssay(AssayKafka kafka) : JoinTests(kafka);

public sealed class JoinTestsOnApacheKafka(ApacheKafka kafka) : JoinTests(kafka);
