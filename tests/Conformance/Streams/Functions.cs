using System.Buffers;
using System.Globalization;
using System.Text;
using Assay.Streams;

namespace Assay.Conformance.Tests.Streams;

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

    public static string Subtract(string total, string value) => $"{total}-{value}";

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
