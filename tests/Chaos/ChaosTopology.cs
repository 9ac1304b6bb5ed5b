using System.Globalization;
using Assay.Streams;

namespace Assay.Chaos.Tests;

/// <summary>What the application does: every kind of store, each with its results in one topic as text under <c>KIND/KEY</c>.</summary>
/// <remarks>
/// What comes out under one key, and in which order, depends on the input alone: a task waits for all of its inputs, so it takes their records in the order
/// of their timestamps, whoever runs it and whenever. <see cref="ChaosModel"/> says what must come out.
/// </remarks>
internal static class ChaosTopology
{
    private static readonly Materialized<string, long> Numbers = new(Serdes.String, Serdes.Long);

    public static Streams.Topology Build()
    {
        StreamsBuilder builder = new();
        KStream<string, long> events = builder.Stream(ChaosApplication.Events, new Consumed<string, long>(Serdes.String, Serdes.Long));
        KStream<string, string> others = builder.Stream(ChaosApplication.Others, new Consumed<string, string>(Serdes.String, Serdes.String));
        KTable<string, string> updates = builder.Table(
            ChaosApplication.Updates, new Consumed<string, string>(Serdes.String, Serdes.String), new(Serdes.String, Serdes.String) { Name = "updates" });
        KTable<string, string> versions = builder.Table(
            ChaosApplication.Versions, new Consumed<string, string>(Serdes.String, Serdes.String),
            new(Serdes.String, Serdes.String) { Name = "versions", HistoryRetention = ChaosApplication.History });
        KGroupedStream<string, long> byKey = events.GroupByKey();

        Send("count", byKey.Count(Named("count")).ToStream(), Text);
        Send("reduce", byKey.Reduce(Fold, Named("reduce")).ToStream(), Text);
        Send("lookup", events.LeftJoin(updates, (_, value, update) => $"{value}+{update}"), text => text);
        Send("join", events.LeftJoin(
            others, (_, value, other) => $"{value}&{other}", JoinWindows.OfTimeDifferenceAndGrace(ChaosApplication.Gap, ChaosApplication.Grace),
            new(Serdes.String, Serdes.Long, Serdes.String) { StoreName = "join" }), text => text);
        Send("asof", events.LeftJoin(
            versions, (_, value, version) => $"{value}@{version}", new Joined<string, long>(Serdes.String, Serdes.Long) { Name = "asof", GracePeriod = ChaosApplication.Grace }), text => text);
        AddWindows(byKey);
        AddRepartitions(events, updates);
        return builder.Build();
    }

    /// <summary>Depends on every value and on their order.</summary>
    public static long Fold(long folded, long value) => unchecked((folded * 31) + value);

    /// <summary>A key that lies in another partition than the record's own.</summary>
    public static string Group(long value) => $"g{value % 8}";

    private static void AddWindows(KGroupedStream<string, long> events)
    {
        TimeWindowedKStream<string, long> windows = events.WindowedBy(TimeWindows.OfSizeAndGrace(ChaosApplication.WindowSize, ChaosApplication.Grace));
        SendWindows("window", windows
            .EmitStrategy(EmitStrategy.OnWindowClose)
            .Aggregate(() => 0L, (_, value, folded) => Fold(folded, value), Named("window")).ToStream());
        SendWindows("suppress", windows
            .Aggregate(() => 0L, (_, value, folded) => Fold(folded, value), Named("suppressed"))
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()) with { Name = "suppress" }).ToStream());
        SendWindows("session", events
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(ChaosApplication.Gap, ChaosApplication.Grace))
            .EmitStrategy(EmitStrategy.OnWindowClose)
            .Count(Named("session")).ToStream());
    }

    private static void AddRepartitions(KStream<string, long> events, KTable<string, string> updates)
    {
        Send("regroup", events
            .GroupBy((_, value) => Group(value), new Grouped<string, long>(Serdes.String, Serdes.Long) { Name = "regroup" })
            .Count(Named("regroup")).ToStream(), Text);
        Send("tally", updates
            .GroupBy(
                (_, update) => KeyValuePair.Create(Group(long.Parse(update, CultureInfo.InvariantCulture)), update),
                new Grouped<string, string>(Serdes.String, Serdes.String) { Name = "tally" })
            .Count(Named("tally")).ToStream(), Text);
    }

    private static Materialized<string, long> Named(string store) => Numbers with { Name = store };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void SendWindows<TValue>(string kind, KStream<Windowed<string>, TValue> results) => results
        .Map((windowed, value) => KeyValuePair.Create($"{kind}/{windowed.Key}", $"{windowed.Window.Start}–{windowed.Window.End}: {value}"))
        .To(ChaosApplication.Output, new Produced<string, string>(Serdes.String, Serdes.String));

    private static void Send<TValue>(string kind, KStream<string, TValue> results, Func<TValue, string> text) => results
        .Map((key, value) => KeyValuePair.Create($"{kind}/{key}", text(value)))
        .To(ChaosApplication.Output, new Produced<string, string>(Serdes.String, Serdes.String));
}
