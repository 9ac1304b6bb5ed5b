using System.Buffers;
using System.Globalization;
using System.Text;
using Assay.Streams;

namespace Assay.Conformance.Tests.Streams;

/// <summary>Builds a topology with our DSL from the lines from which KafkaStreamsDriver.java builds it with Kafka Streams':
/// <c>name = operator source... option=value...</c>. The functions are the same ones, on text such as "b17".</summary>
internal sealed class TopologyText
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
        return _named[arguments[0]] switch
        {
            KStream<string, string> stream when arguments.Length > 1 && _named.GetValueOrDefault(arguments[1]) is KTable<string, string> table => JoinTable(name, stream, table),
            KStream<string, string> stream => Stream(name, stream, arguments, options),
            KStream<Windowed<string>, string> stream when name == "to" => To(stream, arguments[1], WindowedText),
            KTable<string, string> table => Table(name, table, options),
            KTable<Windowed<string>, string> table => Table(name, table, options),
            KGroupedStream<string, string> group => Grouped(name, group, options),
            TimeWindowedKStream<string, string> windows => Aggregate(name, windows, options),
            object other => throw new ArgumentException($"{name} of {other.GetType()}"),
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
        "process" => Process(stream, options.Time("interval")),
        "groupByKey" => stream.GroupByKey(),
        "to" => To(stream, arguments[1], Serdes.String),
        _ => throw new ArgumentException($"a stream has no {name}"),
    };

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

    private static object Table<TKey>(string name, KTable<TKey, string> table, Options options) where TKey : notnull => name switch
    {
        "filter" => table.Filter((_, value) => Functions.Has(value, options["has"])),
        "filterNot" => table.FilterNot((_, value) => Functions.Has(value, options["has"])),
        "mapValues" => table.MapValues((_, value) => Functions.Tag(options["tag"]!, value)!),
        "toStream" => table.ToStream(),
        _ => throw new ArgumentException($"a table has no {name}"),
    };

    private static object Grouped(string name, KGroupedStream<string, string> group, Options options)
    {
        switch (name)
        {
            case "windows":
                TimeWindows windows = TimeWindows.OfSizeAndGrace(options.Time("size"), options.Time("grace"));
                if (options["advance"] is not null)
                    windows = windows.AdvanceBy(options.Time("advance"));
                return group.WindowedBy(windows).EmitStrategy(options["emit"] == "close" ? EmitStrategy.OnWindowClose : EmitStrategy.OnWindowUpdate);
            case "count": return group.Count(Kept(Serdes.Long, options)).MapValues((_, count) => Functions.Number(count));
            case "reduce": return group.Reduce(Functions.Add(options), Kept(Serdes.String, options));
            case "aggregate": return group.Aggregate(() => "<", Functions.AddOf(options), Kept(Serdes.String, options));
            default: throw new ArgumentException($"a grouped stream has no {name}");
        }
    }

    private static KTable<Windowed<string>, string> Aggregate(string name, TimeWindowedKStream<string, string> windows, Options options) => name switch
    {
        "count" => windows.Count(Kept(Serdes.Long, options)).MapValues((_, count) => Functions.Number(count)),
        "reduce" => windows.Reduce(Functions.Add(options), Kept(Serdes.String, options)),
        "aggregate" => windows.Aggregate(() => "<", Functions.AddOf(options), Kept(Serdes.String, options)),
        _ => throw new ArgumentException($"windows have no {name}"),
    };

    private static KStream<string, string> JoinTable(string name, KStream<string, string> stream, KTable<string, string> table) =>
        name == "join" ? stream.Join(table, (_, left, right) => Functions.Join(left, right)) : stream.LeftJoin(table, (_, left, right) => Functions.Join(left, right));

    private static Materialized<string, TValue> Kept<TValue>(ISerde<TValue> values, Options options) =>
        new(Serdes.String, values) { Name = options["store"], Retention = options["retention"] is null ? null : options.Time("retention") };
}

/// <summary>What stands behind the operator and its sources; null where an option is not given.</summary>
internal sealed class Options(Dictionary<string, string> options)
{
    public string? this[string name] => options.GetValueOrDefault(name);

    public TimeSpan Time(string name) => TimeSpan.FromMilliseconds(long.Parse(options[name], CultureInfo.InvariantCulture));
}

internal static class Functions
{
    public static bool Has(string? value, string? part) => value is not null && part is not null && value.Contains(part, StringComparison.Ordinal);

    public static string Letter(string? value) => value?[..1] ?? "none";

    public static string? Tag(string tag, string? value) => value is null ? null : value + tag;

    public static IEnumerable<string> Parts(string? value) => value is null || value.EndsWith('0') ? [] : [value, value + "'"];

    public static string Join(string? left, string? right) => $"{left ?? "null"},{right ?? "null"}";

    public static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);

    public static Func<string, string, string> Add(Options options) => (total, value) => Has(value, options["clear"]) ? null! : total + value;

    public static Func<string, string, string, string> AddOf(Options options) => (_, value, total) => Has(value, options["clear"]) ? null! : total + value;
}

/// <summary>Counts each key's records in a store and sends the counts each time an interval of stream time has passed.</summary>
internal sealed class Counter(TimeSpan interval) : IProcessor<string, string, string, string>
{
    private IKeyValueStore<string, long> _store = null!;

    public void Init(IProcessorContext<string, string> context)
    {
        _store = context.GetStateStore<IKeyValueStore<string, long>>("counter");
        context.Schedule(interval, PunctuationType.StreamTime, now =>
        {
            foreach ((string key, long count) in _store.All())
                context.Forward(new Record<string, string>(key, Functions.Number(count), now));
        });
    }

    public void Process(in Record<string, string> record) => _store.Put(record.Key, _store.Get(record.Key) + 1);
}

/// <summary>A windowed key as key@start/end.</summary>
internal sealed class WindowedTextSerde : ISerde<Windowed<string>>
{
    public void Serialize(Windowed<string> value, IBufferWriter<byte> to, in SerdeContext context) =>
        Encoding.UTF8.GetBytes($"{value.Key}@{value.Window.Start}/{value.Window.End}", to);

    public Windowed<string> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => throw new NotSupportedException("Only written.");
}
