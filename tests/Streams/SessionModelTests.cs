using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

/// <summary>Sessions against a model that finds them in all records taken so far: it sorts their times and cuts where a gap is too long.</summary>
public sealed class SessionModelTests
{
    private const int Cases = 500;
    private static readonly ISerde<Windowed<string>> Keys = Serdes.SessionWindowed(Serdes.String);

    public enum Operator
    {
        Count,
        Reduce,
        Aggregate,
    }

    [Theory]
    [InlineData(Operator.Count, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Count, EmitStrategy.OnWindowClose)]
    [InlineData(Operator.Reduce, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Reduce, EmitStrategy.OnWindowClose)]
    [InlineData(Operator.Aggregate, EmitStrategy.OnWindowUpdate)]
    [InlineData(Operator.Aggregate, EmitStrategy.OnWindowClose)]
    public void Rule12_and_rule13_sessions_are_what_the_model_says(Operator what, EmitStrategy emit)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            long gap = random.Next(1, 20), grace = random.Next(3) == 0 ? 0 : random.Next(20);
            List<ModelInput> inputs = ModelInput.List(random, disorder: 50);
            SessionWindows windows = SessionWindows.OfInactivityGapAndGrace(TimeSpan.FromMilliseconds(gap), TimeSpan.FromMilliseconds(grace));
            TimeSpan? retention = random.Next(2) == 0 ? null : TimeSpan.FromMilliseconds(gap + grace + 1 + random.Next(40));

            List<ModelOutput> expected = Model(inputs, gap, grace, what, emit);
            List<ModelOutput> actual = Run(inputs, windows, retention, what, emit);

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}: gap {gap}, grace {grace}\n" +
                $"inputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    [Fact]
    public void Rule13_a_closed_session_stays_as_it_was_emitted()
    {
        List<ModelInput> inputs = [new("k", "a", 0, false), new("other", "x", 21, false), new("k", "b", 8, true), new("other", "x", 22, false), new("k", "c", 9, false), new("other", "x", 60, false)];
        SessionWindows windows = SessionWindows.OfInactivityGapAndGrace(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5));

        List<ModelOutput> outputs = Run(inputs, windows, TimeSpan.FromHours(1), Operator.Aggregate, EmitStrategy.OnWindowClose);

        // The session of 0 closed at 16: b and c do not join it, and as their own sessions they end at 8 and 9, open until 23 and 24.
        Assert.Equal([new("k", 0, 0, "a", 0), new("k", 8, 9, "bc", 9), new("other", 21, 22, "xx", 22)], outputs);
    }

    private static List<ModelOutput> Model(List<ModelInput> inputs, long gap, long grace, Operator what, EmitStrategy emit)
    {
        List<ModelOutput> outputs = [];
        List<ModelInput> open = [];
        long streamTime = -1;
        foreach (ModelInput input in inputs)
        {
            streamTime = Math.Max(streamTime, input.Timestamp);
            // Those that were closed before this record came stay as they are; those that this record's time closes can't take it either.
            open.RemoveAll(record => emit == EmitStrategy.OnWindowUpdate && IsClosed(Cluster(open, record, gap), streamTime, gap, grace));
            List<ModelInput> frozen = [.. open.Where(record => IsClosed(Cluster(open, record, gap), streamTime, gap, grace))];
            List<ModelInput> live = [.. open.Except(frozen, ReferenceEqualityComparer.Instance).Cast<ModelInput>()];
            ModelInput own = input with { };
            List<List<ModelInput>> before = Clusters(live, input.Key, gap);
            List<ModelInput> session = Cluster([.. live, own], own, gap);
            if (!IsClosed(session, streamTime, gap, grace))
            {
                open.Add(own);
                if (emit == EmitStrategy.OnWindowUpdate)
                {
                    ModelOutput result = Result(session, what);
                    outputs.AddRange(before.Where(old => session.Contains(old[0], ReferenceEqualityComparer.Instance)).Select(old => Result(old, what) with { Value = null })
                        .Where(_ => result.Start != result.End).OrderBy(old => old.End));
                    outputs.Add(result);
                }
            }
            if (emit != EmitStrategy.OnWindowClose)
                continue;
            List<List<ModelInput>> closed = [.. Clusters(frozen, null, gap), .. Clusters([.. open.Except(frozen, ReferenceEqualityComparer.Instance).Cast<ModelInput>()], null, gap)
                .Where(cluster => IsClosed(cluster, streamTime, gap, grace))];
            outputs.AddRange(closed.Select(cluster => Result(cluster, what)).OrderBy(result => result.End).ThenBy(result => result.Key, StringComparer.Ordinal));
            open.RemoveAll(record => closed.Any(cluster => cluster.Contains(record, ReferenceEqualityComparer.Instance)));
        }
        return outputs;
    }

    private static bool IsClosed(List<ModelInput> session, long streamTime, long gap, long grace) => session.Max(record => record.Timestamp) + gap + grace < streamTime;

    private static List<ModelInput> Cluster(List<ModelInput> records, ModelInput of, long gap) =>
        Clusters(records, of.Key, gap).First(cluster => cluster.Contains(of, ReferenceEqualityComparer.Instance));

    private static List<List<ModelInput>> Clusters(List<ModelInput> records, string? key, long gap)
    {
        List<List<ModelInput>> clusters = [];
        foreach (IGrouping<string, ModelInput> ofKey in records.Where(record => key is null || record.Key == key).GroupBy(record => record.Key))
        {
            List<ModelInput>? last = null;
            foreach (ModelInput record in ofKey.OrderBy(record => record.Timestamp))
            {
                if (last is null || record.Timestamp - last[^1].Timestamp > gap)
                    clusters.Add(last = []);
                last.Add(record);
            }
        }
        return clusters;
    }

    private static ModelOutput Result(List<ModelInput> session, Operator what)
    {
        string all = Sorted(string.Concat(session.Select(record => record.Value)));
        long end = session.Max(record => record.Timestamp);
        return new ModelOutput(session[0].Key, session.Min(record => record.Timestamp), end, what == Operator.Count ? $"{session.Count}" : all, end);
    }

    private static string Sorted(string text) => string.Concat(text.Order());

    private static List<ModelOutput> Run(List<ModelInput> inputs, SessionWindows windows, TimeSpan? retention, Operator what, EmitStrategy emit)
    {
        StreamsBuilder builder = new();
        SessionWindowedKStream<string, string> sessions = builder.Stream("in", new Consumed<string, string>(Serdes.String, Serdes.String))
            .GroupByKey().WindowedBy(windows).EmitStrategy(emit);
        Materialized<string, string> kept = new(Serdes.String, Serdes.String) { Retention = retention };
        KTable<Windowed<string>, string> table = what switch
        {
            Operator.Count => sessions.Count(new Materialized<string, long>(Serdes.String, Serdes.Long) { Retention = retention }).MapValues((_, count) => $"{count}"),
            Operator.Reduce => sessions.Reduce((one, other) => Sorted(one + other), kept),
            _ => sessions.Aggregate(() => "", (_, value, result) => Sorted(result + value), (_, one, other) => Sorted(one + other), kept),
        };
        table.ToStream().To("out", new Produced<Windowed<string>, string>(Keys, Serdes.String));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> topic = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        foreach (ModelInput input in inputs)
        {
            if (input.RestartBefore)
                driver.Restart();
            topic.PipeInput(input.Key, input.Value, input.Timestamp);
        }
        return [.. driver.CreateOutputTopic("out", Keys, Serdes.String).ReadRecordsToList()
            .Select(record => new ModelOutput(record.Key.Key, record.Key.Window.Start, record.Key.Window.End, record.Value, record.Timestamp))];
    }
}
