using System.Text.RegularExpressions;

namespace Assay.Streams.Tests.Joins;

/// <summary>What Apache Kafka 4.3.1 prints for the same topologies; it lists a node's stores and children in no order, so those are compared sorted.</summary>
public sealed partial class JoinNamesTests
{
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);
    private static readonly StreamJoined<string, string, string> Joined = new(Serdes.String, Serdes.String, Serdes.String);
    private static readonly JoinWindows Windows = JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5));

    [Fact]
    public void A_left_join_of_tables_that_is_kept_has_Kafka_Streams_names() => AssertDescribed(
        builder => builder.Table("l", Texts).LeftJoin(builder.Table("r", Texts), (_, a, b) => a + b, new Materialized<string, string>(Serdes.String, Serdes.String))
            .ToStream().To("out", TextsOut),
        """
        Source: KSTREAM-SOURCE-0000000001 (topics: [l])
          --> KTABLE-SOURCE-0000000002
        Source: KSTREAM-SOURCE-0000000004 (topics: [r])
          --> KTABLE-SOURCE-0000000005
        Processor: KTABLE-SOURCE-0000000002 (stores: [l-STATE-STORE-0000000000])
          --> KTABLE-JOINTHIS-0000000008
          <-- KSTREAM-SOURCE-0000000001
        Processor: KTABLE-SOURCE-0000000005 (stores: [r-STATE-STORE-0000000003])
          --> KTABLE-JOINOTHER-0000000009
          <-- KSTREAM-SOURCE-0000000004
        Processor: KTABLE-JOINOTHER-0000000009 (stores: [l-STATE-STORE-0000000000])
          --> KTABLE-MERGE-0000000007
          <-- KTABLE-SOURCE-0000000005
        Processor: KTABLE-JOINTHIS-0000000008 (stores: [r-STATE-STORE-0000000003])
          --> KTABLE-MERGE-0000000007
          <-- KTABLE-SOURCE-0000000002
        Processor: KTABLE-MERGE-0000000007 (stores: [KTABLE-MERGE-STATE-STORE-0000000006])
          --> KTABLE-TOSTREAM-0000000010
          <-- KTABLE-JOINTHIS-0000000008, KTABLE-JOINOTHER-0000000009
        Processor: KTABLE-TOSTREAM-0000000010 (stores: [])
          --> KSTREAM-SINK-0000000011
          <-- KTABLE-MERGE-0000000007
        Sink: KSTREAM-SINK-0000000011 (topic: out)
          <-- KTABLE-TOSTREAM-0000000010
        """);

    [Fact]
    public void A_chain_of_table_joins_reads_all_stores_below() => Assert.Contains(
        "Processor: KTABLE-JOINOTHER-0000000014 (stores: [l-STATE-STORE-0000000000, r-STATE-STORE-0000000003])",
        Describe(builder =>
        {
            KTable<string, string> left = builder.Table("l", Texts);
            KTable<string, string> joined = left.Join(builder.Table("r", Texts), (_, a, b) => a + b);
            joined.LeftJoin(builder.Table("s", Texts), (_, a, b) => a + b);
        }), StringComparison.Ordinal);

    [Fact]
    public void A_left_join_of_streams_has_Kafka_Streams_names() => AssertDescribed(
        builder => builder.Stream("l", Texts).LeftJoin(builder.Stream("r", Texts), (_, a, b) => a + b, Windows, Joined).To("out", TextsOut),
        """
        Source: KSTREAM-SOURCE-0000000000 (topics: [l])
          --> KSTREAM-WINDOWED-0000000002
        Source: KSTREAM-SOURCE-0000000001 (topics: [r])
          --> KSTREAM-WINDOWED-0000000003
        Processor: KSTREAM-WINDOWED-0000000002 (stores: [KSTREAM-JOINTHIS-0000000004-store])
          --> KSTREAM-JOINTHIS-0000000004
          <-- KSTREAM-SOURCE-0000000000
        Processor: KSTREAM-WINDOWED-0000000003 (stores: [KSTREAM-OUTEROTHER-0000000005-store])
          --> KSTREAM-OUTEROTHER-0000000005
          <-- KSTREAM-SOURCE-0000000001
        Processor: KSTREAM-JOINTHIS-0000000004 (stores: [KSTREAM-OUTEROTHER-0000000005-store, KSTREAM-OUTERSHARED-0000000004-store])
          --> KSTREAM-MERGE-0000000006
          <-- KSTREAM-WINDOWED-0000000002
        Processor: KSTREAM-OUTEROTHER-0000000005 (stores: [KSTREAM-JOINTHIS-0000000004-store, KSTREAM-OUTERSHARED-0000000004-store])
          --> KSTREAM-MERGE-0000000006
          <-- KSTREAM-WINDOWED-0000000003
        Processor: KSTREAM-MERGE-0000000006 (stores: [])
          --> KSTREAM-SINK-0000000007
          <-- KSTREAM-JOINTHIS-0000000004, KSTREAM-OUTEROTHER-0000000005
        Sink: KSTREAM-SINK-0000000007 (topic: out)
          <-- KSTREAM-MERGE-0000000006
        """);

    [Fact]
    public void An_outer_join_of_streams_with_names_has_Kafka_Streams_names() => AssertDescribed(
        builder => builder.Stream("l", Texts).OuterJoin(builder.Stream("r", Texts), (_, a, b) => a + b, Windows, Joined with { Name = "n", StoreName = "s" }).To("out", TextsOut),
        """
        Source: KSTREAM-SOURCE-0000000000 (topics: [l])
          --> n-this-windowed
        Source: KSTREAM-SOURCE-0000000001 (topics: [r])
          --> n-other-windowed
        Processor: n-other-windowed (stores: [s-outer-other-join-store])
          --> n-outer-other-join
          <-- KSTREAM-SOURCE-0000000001
        Processor: n-this-windowed (stores: [s-outer-this-join-store])
          --> n-outer-this-join
          <-- KSTREAM-SOURCE-0000000000
        Processor: n-outer-other-join (stores: [s-outer-shared-join-store, s-outer-this-join-store])
          --> n-merge
          <-- n-other-windowed
        Processor: n-outer-this-join (stores: [s-outer-shared-join-store, s-outer-other-join-store])
          --> n-merge
          <-- n-this-windowed
        Processor: n-merge (stores: [])
          --> KSTREAM-SINK-0000000007
          <-- n-outer-this-join, n-outer-other-join
        Sink: KSTREAM-SINK-0000000007 (topic: out)
          <-- n-merge
        """);

    [Fact]
    public void An_inner_join_of_streams_with_changed_keys_has_Kafka_Streams_names() => AssertDescribed(
        builder => builder.Stream("l", Texts).SelectKey((_, value) => value).Join(builder.Stream("r", Texts), (_, a, b) => a + b, Windows, Joined with { Name = "n" }).To("out", TextsOut),
        """
        Source: KSTREAM-SOURCE-0000000000 (topics: [l])
          --> KSTREAM-KEY-SELECT-0000000001
        Processor: KSTREAM-KEY-SELECT-0000000001 (stores: [])
          --> n-left-repartition-filter
          <-- KSTREAM-SOURCE-0000000000
        Processor: n-left-repartition-filter (stores: [])
          --> n-left-repartition-sink
          <-- KSTREAM-KEY-SELECT-0000000001
        Sink: n-left-repartition-sink (topic: n-left-repartition)
          <-- n-left-repartition-filter
        Source: KSTREAM-SOURCE-0000000002 (topics: [r])
          --> n-other-windowed
        Source: n-left-repartition-source (topics: [n-left-repartition])
          --> n-this-windowed
        Processor: n-other-windowed (stores: [KSTREAM-JOINOTHER-0000000009-store])
          --> n-other-join
          <-- KSTREAM-SOURCE-0000000002
        Processor: n-this-windowed (stores: [KSTREAM-JOINTHIS-0000000008-store])
          --> n-this-join
          <-- n-left-repartition-source
        Processor: n-other-join (stores: [KSTREAM-JOINTHIS-0000000008-store])
          --> n-merge
          <-- n-other-windowed
        Processor: n-this-join (stores: [KSTREAM-JOINOTHER-0000000009-store])
          --> n-merge
          <-- n-this-windowed
        Processor: n-merge (stores: [])
          --> KSTREAM-SINK-0000000011
          <-- n-this-join, n-other-join
        Sink: KSTREAM-SINK-0000000011 (topic: out)
          <-- n-merge
        """);

    private static void AssertDescribed(Action<StreamsBuilder> build, string expected) => Assert.Equal(Lines(expected), Lines(Describe(build)));

    private static string Describe(Action<StreamsBuilder> build)
    {
        StreamsBuilder builder = new();
        build(builder);
        return builder.Build().Describe();
    }

    private static string[] Lines(string description) => [.. description.Split('\n').Select(line => line.Trim()).Where(line => Node().IsMatch(line))
        .Select(line => List().Replace(line, list => string.Join(", ", list.Value.Split(", ").Order(StringComparer.Ordinal))))];

    [GeneratedRegex("^(Source|Sink|Processor|-->|<--)")]
    private static partial Regex Node();

    [GeneratedRegex(@"(?<=\[)[^\]]*(?=\])|(?<=--> |<-- ).*")]
    private static partial Regex List();
}
