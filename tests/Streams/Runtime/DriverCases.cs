namespace Assay.Streams.Tests.Runtime;

/// <summary>A topology that runs in the test driver and on a broker.</summary>
/// <param name="Inputs">Its input topics, in the order of its sources. What is read behind a repartition topic must not be read with another input: which of both comes first is a matter of timing.</param>
/// <param name="Build">Builds it; takes the real name of an input, or of the output <c>out</c>, which is text.</param>
internal sealed record DriverCase(string[] Inputs, Action<StreamsBuilder, Func<string, string>> Build);

/// <summary>The topologies whose output must be the same in the test driver and on a broker.</summary>
public static class DriverCases
{
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);
    private static readonly Grouped<string, string> Groups = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, string> Kept = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, long> Longs = new(Serdes.String, Serdes.Long);
    private static readonly TimeSpan Ten = TimeSpan.FromMilliseconds(10), Five = TimeSpan.FromMilliseconds(5);

    internal static readonly IReadOnlyDictionary<string, DriverCase> All = new Dictionary<string, DriverCase>
    {
        ["stateless"] = new(["left", "right"], (builder, topic) => builder.Stream(topic("left"), Texts).Merge(builder.Stream(topic("right"), Texts))
            .FlatMapValues((_, value) => value is null ? ["-"] : new[] { value, value + "!" }).Filter((_, value) => value != "c").To(topic("out"), TextsOut)),
        ["hopping windows"] = new(["left"], (builder, topic) => Out(builder.Stream(topic("left"), Texts).GroupByKey()
            .WindowedBy(TimeWindows.OfSizeAndGrace(Ten, Five).AdvanceBy(Five)).Reduce((result, value) => result + value, Kept), topic)),
        ["windows on close"] = new(["left"], (builder, topic) => Out(builder.Stream(topic("left"), Texts).GroupByKey()
            .WindowedBy(TimeWindows.OfSizeAndGrace(Ten, Five)).EmitStrategy(EmitStrategy.OnWindowClose).Count(Longs).MapValues((_, count) => $"{count}"), topic)),
        ["sliding windows"] = new(["left"], (builder, topic) => Out(builder.Stream(topic("left"), Texts).GroupByKey()
            .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(Ten, Five)).Reduce((result, value) => result + value, Kept), topic)),
        ["sessions"] = new(["left"], (builder, topic) => Out(builder.Stream(topic("left"), Texts).GroupByKey()
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(Ten, Five)).Reduce((result, value) => result + value, Kept), topic)),
        ["suppressed sessions"] = new(["left"], (builder, topic) => Out(builder.Stream(topic("left"), Texts).GroupByKey()
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(Ten, Five)).Reduce((result, value) => result + value, Kept)
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded())), topic)),
        ["suppressed table"] = new(["left"], (builder, topic) => builder.Table(topic("left"), Texts)
            .Suppress(Suppressed.UntilTimeLimit(Ten, BufferConfig.MaxRecords(2))).ToStream().To(topic("out"), TextsOut)),
        ["table join"] = new(["right", "left"], (builder, topic) =>
        {
            KTable<string, string> table = builder.Table(topic("right"), Texts);
            builder.Stream(topic("left"), Texts).LeftJoin(table, (_, value, other) => $"{value}+{other}").To(topic("out"), TextsOut);
        }),
        ["group by a new key"] = new(["left"], (builder, topic) => builder.Stream(topic("left"), Texts).Filter((_, value) => value is not null)
            .GroupBy((_, value) => value[..1], Groups).Reduce((result, value) => result + value, Kept).ToStream().To(topic("out"), TextsOut)),
        ["windows behind a repartition topic"] = new(["left"], (builder, topic) => Out(builder.Stream(topic("left"), Texts).Filter((_, value) => value is not null)
            .SelectKey((_, value) => value[..1]).GroupByKey(Groups with { Name = "by-value" })
            .WindowedBy(TimeWindows.OfSizeAndGrace(Ten, Five)).EmitStrategy(EmitStrategy.OnWindowClose).Reduce((result, value) => result + value, Kept), topic)),
        ["grouped table"] = new(["left"], (builder, topic) => builder.Table(topic("left"), Texts).GroupBy((key, value) => KeyValuePair.Create(value[..1], key), Groups)
            .Aggregate(() => "", (_, value, result) => result + value, (_, value, result) => result.Replace(value, "", StringComparison.Ordinal), Kept)
            .ToStream().To(topic("out"), TextsOut)),
        ["repartitioned twice"] = new(["left", "right"], (builder, topic) => builder.Stream(topic("left"), Texts).Merge(builder.Stream(topic("right"), Texts))
            .Repartition(new Repartitioned<string, string>(Serdes.String, Serdes.String) { Name = "first" }).Filter((_, value) => value is not null)
            .SelectKey((_, value) => value).ToTable(Kept).ToStream().To(topic("out"), TextsOut)),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    private static void Out(KTable<Windowed<string>, string> table, Func<string, string> topic) =>
        table.ToStream((key, _) => $"{key.Key}[{key.Window.Start},{key.Window.End}]").To(topic("out"), TextsOut);
}
