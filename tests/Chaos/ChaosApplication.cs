using System.Globalization;
using Assay.Streams;
using Confluent.Kafka;

namespace Assay.Chaos.Tests;

/// <summary>The application under test: every kind of store, each with its results in <see cref="Output"/> as text under <c>KIND/KEY</c>.</summary>
/// <remarks>
/// What comes out under one key, and in which order, depends on the input alone: a task waits for all of its inputs, so it takes their records in the order
/// of their timestamps, whoever runs it and whenever. <see cref="ChaosModel"/> says what must come out.
/// </remarks>
internal static class ChaosApplication
{
    public const string Id = "chaos";
    public const string Events = "events";
    public const string Updates = "updates";
    public const string Output = "output";
    public const int Partitions = 4;

    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan WindowSize = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    /// <param name="bootstrap">The broker.</param>
    /// <param name="threads">Stream threads of this instance.</param>
    /// <param name="name">Of a static member; null: a dynamic one.</param>
    public static StreamsOptions Options(string bootstrap, int threads, string? name) => new()
    {
        ApplicationId = Id,
        Client = new ClientConfig { BootstrapServers = bootstrap, ReconnectBackoffMs = 10, ReconnectBackoffMaxMs = 200 },
        NumStreamThreads = threads,
        GroupInstanceId = name,
        SessionTimeout = SessionTimeout,
        TransactionTimeout = SessionTimeout,
        MaxPollInterval = SessionTimeout * 2,
        CommitInterval = TimeSpan.FromMilliseconds(50),
        MaxTaskIdle = TimeSpan.FromDays(1),
    };

    public static Topology Topology()
    {
        StreamsBuilder builder = new();
        KStream<string, long> events = builder.Stream(Events, new Consumed<string, long>(Serdes.String, Serdes.Long));
        KTable<string, string> updates = builder.Table(Updates, new Consumed<string, string>(Serdes.String, Serdes.String), new(Serdes.String, Serdes.String) { Name = "updates" });
        Materialized<string, long> numbers = new(Serdes.String, Serdes.Long);
        KGroupedStream<string, long> byKey = events.GroupByKey();

        Send("count", byKey.Count(numbers with { Name = "count" }).ToStream(), Text);
        Send("reduce", byKey.Reduce(Fold, numbers with { Name = "reduce" }).ToStream(), Text);
        Send("lookup", events.LeftJoin(updates, (_, value, update) => $"{value}+{update}"), text => text);
        SendWindowed("window", byKey
            .WindowedBy(TimeWindows.OfSizeAndGrace(WindowSize, Grace))
            .EmitStrategy(EmitStrategy.OnWindowClose)
            .Aggregate(() => 0L, (_, value, folded) => Fold(folded, value), numbers with { Name = "window" }).ToStream());
        return builder.Build();
    }

    /// <summary>Depends on every value and on their order.</summary>
    public static long Fold(long folded, long value) => unchecked((folded * 31) + value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void SendWindowed(string kind, KStream<Windowed<string>, long> results) => results
        .Map((windowed, value) => KeyValuePair.Create($"{kind}/{windowed.Key}", $"{windowed.Window.Start}: {Text(value)}"))
        .To(Output, new Produced<string, string>(Serdes.String, Serdes.String));

    private static void Send<TValue>(string kind, KStream<string, TValue> results, Func<TValue, string> text) => results
        .Map((key, value) => KeyValuePair.Create($"{kind}/{key}", text(value)))
        .To(Output, new Produced<string, string>(Serdes.String, Serdes.String));
}
