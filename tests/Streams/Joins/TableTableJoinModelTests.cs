using Assay.Streams.Internal.Dsl;
using Assay.Streams.Testing;

namespace Assay.Streams.Tests.Joins;

/// <summary>Joins of tables against their definition: a result is a function of what the tables now hold.</summary>
public sealed class TableTableJoinModelTests
{
    private const int Cases = 1000;
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);

    public enum Shape
    {
        TwoTables,
        Chain,
        ChainOnTheRight,
        WithItself,
        WithItselfMapped,
        OfAJoinAndItsOwnLeft,
    }

    [Theory]
    [InlineData(Shape.TwoTables)]
    [InlineData(Shape.Chain)]
    [InlineData(Shape.ChainOnTheRight)]
    [InlineData(Shape.WithItself)]
    [InlineData(Shape.WithItselfMapped)]
    [InlineData(Shape.OfAJoinAndItsOwnLeft)]
    public void Rule12_and_rule16_a_join_of_tables_gives_what_the_model_says(Shape shape)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            StreamsBuilder builder = new();
            Model[] sources = [.. Enumerable.Range(0, 3).Select(topic => new Model(builder.Table($"t{topic}", Texts)))];
            Model joined = Build(shape, sources, random);
            List<string> actual = [], expected = [];
            Dictionary<string, string?> last = [];
            builder.Topology.AddProcessor("spy", () => new Spy(actual, last), joined.Table.Node);
            joined.Listeners.Add(change => expected.Add(Describe(change.Key, change.Old, change.New, change.Timestamp)));
            using TopologyTestDriver driver = new(builder.Build());
            TestInputTopic<string, string>[] topics = [.. Enumerable.Range(0, 3).Select(topic => driver.CreateInputTopic($"t{topic}", Serdes.String, Serdes.String))];
            List<JoinInput> inputs = JoinInputs.Of(random, topics: 3);

            foreach (JoinInput input in inputs)
            {
                if (input.RestartBefore)
                    driver.Restart();
                sources[input.Topic].Set(input.Key!, input.Value, input.Timestamp);
                topics[input.Topic].PipeInput(input.Key, input.Value, input.Timestamp);
                if (last.TryGetValue(input.Key!, out string? now))
                    Assert.True(now == joined.ByDefinition(input.Key!), $"seed {seed + i}: at {input} it is {now}, not {joined.ByDefinition(input.Key!)}");
            }

            Assert.True(expected.SequenceEqual(actual), $"seed {seed + i}\ninputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    private static Model Build(Shape shape, Model[] sources, Random random) => shape switch
    {
        Shape.TwoTables => Join(sources[0], sources[1], random),
        Shape.Chain => Join(Join(sources[0], sources[1], random), sources[2], random),
        Shape.ChainOnTheRight => Join(sources[0], Join(sources[1], sources[2], random), random),
        Shape.WithItself => Join(sources[0], sources[0], random),
        Shape.WithItselfMapped => Join(sources[0], Mapped(sources[0]), random),
        _ => Join(Join(sources[0], sources[1], random), sources[0], random),
    };

    private static Model Mapped(Model from)
    {
        Model mapped = new(from.Table.Filter((_, value) => !value.EndsWith('7')).MapValues((_, value) => value + "!"));
        mapped.Origins = from.Origins;
        mapped.ByDefinition = key => Map(from.ByDefinition(key));
        mapped.Now = key => from.Now(key) is { } now && !now.Value.EndsWith('7') ? (now.Value + "!", now.Timestamp) : null;
        // The filter says nothing of what was filtered before and is again.
        from.Listeners.Add(change =>
        {
            if (Map(change.Old) is not null || Map(change.New) is not null)
                mapped.Tell(new(change.Key, Map(change.Old), Map(change.New), change.Timestamp));
        });
        return mapped;

        static string? Map(string? value) => value is null || value.EndsWith('7') ? null : value + "!";
    }

    private static Model Join(Model left, Model right, Random random)
    {
        JoinKind kind = (JoinKind)random.Next(3);
        Materialized<string, string>? kept = random.Next(2) == 0 ? new Materialized<string, string>(Serdes.String, Serdes.String) : null;
        Model joined = new(kind switch
        {
            JoinKind.Inner => left.Table.Join(right.Table, (_, a, b) => $"({a}+{b})", kept),
            JoinKind.Left => left.Table.LeftJoin(right.Table, (_, a, b) => $"({a}+{b})", kept),
            _ => left.Table.OuterJoin(right.Table, (_, a, b) => $"({a}+{b})", kept),
        });
        // What is kept is what was last sent; else both sides are asked.
        Dictionary<string, (string Value, long Timestamp)?> sent = [];
        joined.Origins = [.. left.Origins, .. right.Origins];
        // Where a change comes over both sides, the second has changed already when the first is told: a deletion must be told all the same.
        bool deletesBoth = kind == JoinKind.Inner && left.Origins.Overlaps(right.Origins);
        left.Listeners.Add(change => Update(change, right, (value, other) => Result(value, other?.Value), deletesBoth && change.Old != null && change.New == null));
        right.Listeners.Add(change => Update(change, left, (value, other) => Result(other?.Value, value), always: false));
        joined.ByDefinition = key => Result(left.ByDefinition(key), right.ByDefinition(key));
        if (kept is not null)
            joined.Listeners.Add(change => sent[change.Key] = change.New is null ? null : (change.New, change.Timestamp));
        joined.Now = key =>
        {
            if (kept is not null)
                return sent.GetValueOrDefault(key);
            (string Value, long Timestamp)? a = left.Now(key), b = right.Now(key);
            return Result(a?.Value, b?.Value) is { } result ? (result, Math.Max(a?.Timestamp ?? 0, b?.Timestamp ?? 0)) : null;
        };
        return joined;

        string? Result(string? a, string? b) => kind switch { JoinKind.Inner => a != null && b != null, JoinKind.Left => a != null, _ => a != null || b != null } ? $"({a}+{b})" : null;

        void Update(Update change, Model otherSide, Func<string?, (string Value, long Timestamp)?, string?> result, bool always)
        {
            (string Value, long Timestamp)? other = otherSide.Now(change.Key);
            string? before = result(change.Old, other), after = result(change.New, other);
            if (before != null || after != null || other != null || always)
                joined.Tell(new(change.Key, kept is null ? before : sent.GetValueOrDefault(change.Key)?.Value, after, Math.Max(change.Timestamp, other?.Timestamp ?? 0)));
        }
    }

    private static string Describe(string key, string? old, string? value, long timestamp) => $"{key}: {old ?? "none"} > {value ?? "none"} at {timestamp}";

    private sealed record Update(string Key, string? Old, string? New, long Timestamp);

    private sealed class Model
    {
        private readonly Dictionary<string, (string Value, long Timestamp)> _values = [];
        private Func<string, (string Value, long Timestamp)?>? _now;
        private Func<string, string?>? _byDefinition;

        public Model(KTable<string, string> table)
        {
            Table = table;
            Origins = [this];
        }

        public KTable<string, string> Table { get; }

        /// <summary>The tables of topics that it is made of.</summary>
        public HashSet<Model> Origins { get; set; }

        public List<Action<Update>> Listeners { get; } = [];

        public Func<string, (string Value, long Timestamp)?> Now
        {
            get => _now ?? (key => _values.TryGetValue(key, out (string, long) found) ? found : null);
            set => _now = value;
        }

        /// <summary>The value as it must be, from the latest inputs alone.</summary>
        public Func<string, string?> ByDefinition
        {
            get => _byDefinition ?? (key => _values.TryGetValue(key, out (string Value, long) found) ? found.Value : null);
            set => _byDefinition = value;
        }

        public void Set(string key, string? value, long timestamp)
        {
            string? old = Now(key)?.Value;
            if (value is null)
                _values.Remove(key);
            else
                _values[key] = (value, timestamp);
            Tell(new(key, old, value, timestamp));
        }

        public void Tell(Update update) => Listeners.ForEach(listener => listener(update));
    }

    private sealed class Spy(List<string> changes, Dictionary<string, string?> last) : IProcessor<string, Change<string>, string, string>
    {
        public void Process(in Record<string, Change<string>> record)
        {
            changes.Add(Describe(record.Key, record.Value.HasOld ? record.Value.Old : null, record.Value.New, record.Timestamp));
            last[record.Key] = record.Value.New;
        }
    }
}
