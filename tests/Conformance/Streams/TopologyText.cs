using System.Globalization;
using Assay.Streams;

namespace Assay.Conformance.Tests.Streams;

/// <summary>Builds a topology with our DSL from the lines from which KafkaStreamsDriver.java builds it with Kafka Streams':
/// <c>name = operator source... option=value...</c>. The functions are the same ones, on text such as "b17".</summary>
internal sealed partial class TopologyText
{
    private static readonly Consumed<string, string> Read = new(Serdes.String, Serdes.String);
    private static readonly ISerde<Windowed<string>> WindowedText = new WindowedTextSerde();

    private readonly StreamsBuilder _builder = new();
    private readonly Dictionary<string, object> _named = [];

    public static Topology Build(IEnumerable<string> lines)
    {
        TopologyText topology = new();
        foreach (string line in lines)
        {
            string[] sides = line.Split(" = ");
            string[] words = sides[^1].Split(' ');
            Options options = new(words.Where(word => word.Contains('=')).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]));
            object? result = topology.Operator(words[0], [.. words.Skip(1).Where(word => !word.Contains('='))], options);
            if (sides.Length == 2)
                topology._named.Add(sides[0], result!);
        }
        return topology._builder.Build();
    }

    private object? Operator(string name, string[] arguments, Options options)
    {
        switch (name)
        {
            case "stream": return _builder.Stream(arguments[0], Read);
            case "table": return _builder.Table(arguments[0], Read, Kept(Serdes.String, options));
        }
        object? other = arguments.Length > 1 ? _named.GetValueOrDefault(arguments[1]) : null;
        return (_named[arguments[0]], other) switch
        {
            (KStream<string, string> stream, KTable<string, string> table) => JoinTable(name, stream, table, options),
            (KStream<string, string> stream, KStream<string, string> right) when name != "merge" => JoinStreams(name, stream, right, options),
            (KStream<string, string> stream, _) => Stream(name, stream, arguments, options),
            (KStream<Windowed<string>, string> stream, _) when name == "to" => To(stream, arguments[1], options["keys"] switch
            {
                "window" => Serdes.TimeWindowed(Serdes.String, TimeSpan.FromMilliseconds(1)),
                "session" => Serdes.SessionWindowed(Serdes.String),
                _ => WindowedText,
            }),
            (KTable<string, string> table, KTable<string, string> right) => JoinTables(name, table, right, options),
            (KTable<string, string> table, _) when name == "groupBy" => table.GroupBy((_, value) => KeyValuePair.Create(Functions.Letter(value), value), Groups(options)),
            (KTable<string, string> table, _) => Table(name, table, Serdes.String, options),
            (KTable<Windowed<string>, string> table, _) => Table(name, table, WindowedText, options),
            (KGroupedStream<string, string> group, _) => Grouped(name, group, options),
            (KGroupedTable<string, string> group, _) => Aggregate(name, group, options),
            (TimeWindowedKStream<string, string> windows, _) => Aggregate(name, windows, options),
            (SessionWindowedKStream<string, string> sessions, _) => Aggregate(name, sessions, options),
            (object first, _) => throw new ArgumentException($"{name} of {first.GetType()}"),
        };
    }

    private object? Stream(string name, KStream<string, string> stream, string[] arguments, Options options) => name switch
    {
        "filter" => stream.Filter((_, value) => Functions.Has(value, options["has"])),
        "filterNot" => stream.FilterNot((_, value) => Functions.Has(value, options["has"])),
        "map" => stream.Map((_, value) => KeyValuePair.Create(Functions.Letter(value), Functions.Tag("m", value)!)),
        "mapValues" => stream.MapValues((_, value) => Functions.Tag(options["tag"]!, value)!),
        "flatMap" => stream.FlatMap((_, value) => Functions.Parts(value).Select(part => KeyValuePair.Create(Functions.Letter(value), part))),
        "flatMapValues" => stream.FlatMapValues((_, value) => Functions.Parts(value)),
        "selectKey" => stream.SelectKey((_, value) => Functions.Letter(value)),
        "peek" => stream.Peek((_, _) => { }),
        "merge" => stream.Merge((KStream<string, string>)_named[arguments[1]]),
        "split" => Split(stream, arguments, options),
        "process" => Process(stream, options.Time("interval")),
        "repartition" => stream.Repartition(new Repartitioned<string, string>(Serdes.String, Serdes.String) { Name = options["name"] }),
        "toTable" => stream.ToTable(Kept(Serdes.String, options)),
        "groupByKey" => stream.GroupByKey(Groups(options)),
        "groupBy" => stream.GroupBy((_, value) => Functions.Letter(value), Groups(options)),
        "to" => To(stream, arguments[1], Serdes.String),
        _ => throw new ArgumentException($"a stream has no {name}"),
    };

    private object? Split(KStream<string, string> stream, string[] arguments, Options options)
    {
        BranchedKStream<string, string> split = stream.Split(options["name"] is { } name ? new Named(name) : null);
        for (int i = 1; i < arguments.Length; i++)
        {
            (string has, string branch) = (arguments[i], $"{arguments[0]}.{i}");
            split = split.Branch((_, value) => Functions.Has(value, has), new Branched<string, string> { Consumer = made => _named.Add(branch, made) });
        }
        split.DefaultBranch(new Branched<string, string> { Consumer = made => _named.Add(arguments[0] + ".0", made) });
        return null;
    }

    private KStream<string, string> Process(KStream<string, string> stream, TimeSpan interval)
    {
        _builder.AddStateStore(Stores.KeyValueStore("counter", Serdes.String, Serdes.Long));
        return stream.Process(() => new Counter(interval), "counter");
    }

    private static object? To<TKey>(KStream<TKey, string> stream, string topic, ISerde<TKey> keys)
    {
        stream.To(topic, new Produced<TKey, string>(keys, Serdes.String));
        return null;
    }

    private static object Table<TKey>(string name, KTable<TKey, string> table, ISerde<TKey> keys, Options options) where TKey : notnull
    {
        Materialized<TKey, string>? kept = options["store"] is { } store ? new Materialized<TKey, string>(keys, Serdes.String) { Name = store } : null;
        return name switch
        {
            "filter" => table.Filter((_, value) => Functions.Has(value, options["has"]), kept),
            "filterNot" => table.FilterNot((_, value) => Functions.Has(value, options["has"])),
            "mapValues" => table.MapValues((_, value) => Functions.Tag(options["tag"]!, value)!, kept),
            "toStream" => table.ToStream(),
            "suppress" when options["limit"] is null => table.Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())),
            "suppress" => table.Suppress(Suppressed.UntilTimeLimit(
                options.Time("limit"), options["max"] is { } max ? BufferConfig.MaxRecords(long.Parse(max, CultureInfo.InvariantCulture)) : BufferConfig.Unbounded())),
            _ => throw new ArgumentException($"a table has no {name}"),
        };
    }

    private static KStream<string, string> JoinTable(string name, KStream<string, string> stream, KTable<string, string> table, Options options)
    {
        Joined<string, string> joined = new(Serdes.String, Serdes.String) { Name = options["name"], GracePeriod = options["grace"] is null ? null : options.Time("grace") };
        return name == "join" ? stream.Join(table, (_, left, right) => Functions.Join(left, right), joined)
            : stream.LeftJoin(table, (_, left, right) => Functions.Join(left, right), joined);
    }

    private static KStream<string, string> JoinStreams(string name, KStream<string, string> left, KStream<string, string> right, Options options)
    {
        JoinWindows windows = JoinWindows.OfTimeDifferenceAndGrace(options.Time("size"), options.Time("grace"));
        if (options["before"] is not null)
            windows = windows.Before(options.Time("before"));
        if (options["after"] is not null)
            windows = windows.After(options.Time("after"));
        StreamJoined<string, string, string> joined = new(Serdes.String, Serdes.String, Serdes.String) { Name = options["name"], StoreName = options["store"] };
        return name switch
        {
            "join" => left.Join(right, (_, one, other) => Functions.Join(one, other), windows, joined),
            "leftJoin" => left.LeftJoin(right, (_, one, other) => Functions.Join(one, other), windows, joined),
            _ => left.OuterJoin(right, (_, one, other) => Functions.Join(one, other), windows, joined),
        };
    }

    private static KTable<string, string> JoinTables(string name, KTable<string, string> left, KTable<string, string> right, Options options)
    {
        Materialized<string, string>? kept = options["store"] is null ? null : Kept(Serdes.String, options);
        return name switch
        {
            "join" => left.Join(right, (_, one, other) => Functions.Join(one, other), kept),
            "leftJoin" => left.LeftJoin(right, (_, one, other) => Functions.Join(one, other), kept),
            _ => left.OuterJoin(right, (_, one, other) => Functions.Join(one, other), kept),
        };
    }

    private static Grouped<string, string> Groups(Options options) => new(Serdes.String, Serdes.String) { Name = options["name"] };

    private static Materialized<string, TValue> Kept<TValue>(ISerde<TValue> values, Options options) =>
        new(Serdes.String, values)
        {
            Name = options["store"],
            Retention = options["retention"] is null ? null : options.Time("retention"),
            HistoryRetention = options["versioned"] is null ? null : options.Time("versioned"),
        };
}
