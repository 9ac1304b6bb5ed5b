using Assay.Streams;

namespace Assay.Conformance.Tests.Streams;

internal sealed partial class TopologyText
{
    private static object Grouped(string name, KGroupedStream<string, string> group, Options options)
    {
        EmitStrategy emit = options["emit"] == "close" ? EmitStrategy.OnWindowClose : EmitStrategy.OnWindowUpdate;
        switch (name)
        {
            case "windows":
                TimeWindows windows = TimeWindows.OfSizeAndGrace(options.Time("size"), options.Time("grace"));
                if (options["advance"] is not null)
                    windows = windows.AdvanceBy(options.Time("advance"));
                return group.WindowedBy(windows).EmitStrategy(emit);
            case "sliding": return group.WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(options.Time("size"), options.Time("grace"))).EmitStrategy(emit);
            case "sessions": return group.WindowedBy(SessionWindows.OfInactivityGapAndGrace(options.Time("size"), options.Time("grace"))).EmitStrategy(emit);
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
        _ => windows.Aggregate(() => "<", Functions.AddOf(options), Kept(Serdes.String, options)),
    };

    private static KTable<Windowed<string>, string> Aggregate(string name, SessionWindowedKStream<string, string> sessions, Options options) => name switch
    {
        "count" => sessions.Count(Kept(Serdes.Long, options)).MapValues((_, count) => Functions.Number(count!.Value)),
        "reduce" => sessions.Reduce(Functions.Add(options), Kept(Serdes.String, options)),
        _ => sessions.Aggregate(() => "<", Functions.AddOf(options), (_, one, other) => $"{one}&{other}", Kept(Serdes.String, options)),
    };

    private static KTable<string, string> Aggregate(string name, KGroupedTable<string, string> group, Options options) => name switch
    {
        "count" => group.Count(Kept(Serdes.Long, options)).MapValues((_, count) => Functions.Number(count)),
        "reduce" => group.Reduce(Functions.Add(options), Functions.Subtract, Kept(Serdes.String, options)),
        _ => group.Aggregate(() => "<", Functions.AddOf(options), (_, value, total) => Functions.Subtract(total, value), Kept(Serdes.String, options)),
    };
}
