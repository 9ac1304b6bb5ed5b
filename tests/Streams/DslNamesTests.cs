namespace Assay.Streams.Tests;

/// <summary>Names of nodes, stores and topics against what Apache Kafka 4.3.1 prints for the same topologies, a line per node. Its order of nodes
/// and neighbours hangs on its hash tables, so both sides are sorted.</summary>
public sealed class DslNamesTests
{
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);
    private static readonly Grouped<string, string> Groups = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, string> Kept = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, long> Longs = new(Serdes.String, Serdes.Long);

    [Fact]
    public void A_group_by_a_new_key_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        KGroupedStream<string, string> group = builder.Stream("in", Texts).GroupBy((_, value) => value, Groups);
        group.Count(Longs);
        group.Reduce((_, value) => value, Kept with { Name = "mine" });

        Assert.Equal(
            [
                "Processor: KSTREAM-AGGREGATE-0000000003 (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000002]) --> none <-- KSTREAM-SOURCE-0000000006",
                "Processor: KSTREAM-FILTER-0000000005 (stores: []) --> KSTREAM-SINK-0000000004 <-- KSTREAM-KEY-SELECT-0000000001",
                "Processor: KSTREAM-KEY-SELECT-0000000001 (stores: []) --> KSTREAM-FILTER-0000000005, mine-repartition-filter <-- KSTREAM-SOURCE-0000000000",
                "Processor: KSTREAM-REDUCE-0000000007 (stores: [mine]) --> none <-- mine-repartition-source",
                "Processor: mine-repartition-filter (stores: []) --> mine-repartition-sink <-- KSTREAM-KEY-SELECT-0000000001",
                "Sink: KSTREAM-SINK-0000000004 (topic: KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition) <-- KSTREAM-FILTER-0000000005",
                "Sink: mine-repartition-sink (topic: mine-repartition) <-- mine-repartition-filter",
                "Source: KSTREAM-SOURCE-0000000000 (topics: [in]) --> KSTREAM-KEY-SELECT-0000000001",
                "Source: KSTREAM-SOURCE-0000000006 (topics: [KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition]) --> KSTREAM-AGGREGATE-0000000003",
                "Source: mine-repartition-source (topics: [mine-repartition]) --> KSTREAM-REDUCE-0000000007",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void A_named_group_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        KGroupedStream<string, string> group = builder.Stream("in", Texts).GroupBy((_, value) => value, Groups with { Name = "by-value" });
        group.Count(Longs);
        group.Count(Longs, new Named("again"));
        group.WindowedBy(TimeWindows.OfSizeWithNoGrace(TimeSpan.FromMilliseconds(5))).Count(Longs);

        Assert.Equal(
            [
                "Processor: KSTREAM-AGGREGATE-0000000003 (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000002]) --> none <-- by-value-repartition-source",
                "Processor: KSTREAM-AGGREGATE-0000000013 (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000012]) --> none <-- by-value-repartition-source",
                "Processor: again (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000007]) --> none <-- by-value-repartition-source",
                "Processor: by-value (stores: []) --> by-value-repartition-filter <-- KSTREAM-SOURCE-0000000000",
                "Processor: by-value-repartition-filter (stores: []) --> by-value-repartition-sink <-- by-value",
                "Sink: by-value-repartition-sink (topic: by-value-repartition) <-- by-value-repartition-filter",
                "Source: KSTREAM-SOURCE-0000000000 (topics: [in]) --> by-value",
                "Source: by-value-repartition-source (topics: [by-value-repartition]) --> KSTREAM-AGGREGATE-0000000003, KSTREAM-AGGREGATE-0000000013, again",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void A_repartition_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        KStream<string, string> stream = builder.Stream("in", Texts);
        stream.Repartition(new Repartitioned<string, string>(Serdes.String, Serdes.String)).To("o1", TextsOut);
        stream.Repartition(new Repartitioned<string, string>(Serdes.String, Serdes.String) { Name = "named" }).To("o2", TextsOut);

        Assert.Equal(
            [
                "Processor: KSTREAM-FILTER-0000000003 (stores: []) --> KSTREAM-SINK-0000000002 <-- KSTREAM-SOURCE-0000000000",
                "Processor: named-repartition-filter (stores: []) --> named-repartition-sink <-- KSTREAM-SOURCE-0000000000",
                "Sink: KSTREAM-SINK-0000000002 (topic: KSTREAM-REPARTITION-0000000001-repartition) <-- KSTREAM-FILTER-0000000003",
                "Sink: KSTREAM-SINK-0000000005 (topic: o1) <-- KSTREAM-SOURCE-0000000004",
                "Sink: KSTREAM-SINK-0000000009 (topic: o2) <-- named-repartition-source",
                "Sink: named-repartition-sink (topic: named-repartition) <-- named-repartition-filter",
                "Source: KSTREAM-SOURCE-0000000000 (topics: [in]) --> KSTREAM-FILTER-0000000003, named-repartition-filter",
                "Source: KSTREAM-SOURCE-0000000004 (topics: [KSTREAM-REPARTITION-0000000001-repartition]) --> KSTREAM-SINK-0000000005",
                "Source: named-repartition-source (topics: [named-repartition]) --> KSTREAM-SINK-0000000009",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void A_group_of_a_table_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        KGroupedTable<string, string> group = builder.Table("t", Texts).GroupBy((key, value) => KeyValuePair.Create(value, key), Groups);
        group.Count(Longs);
        group.Reduce((result, _) => result, (result, _) => result, Kept with { Name = "r" });

        Assert.Equal(
            [
                "Processor: KTABLE-AGGREGATE-0000000007 (stores: [KTABLE-AGGREGATE-STATE-STORE-0000000004]) --> none <-- KSTREAM-SOURCE-0000000006",
                "Processor: KTABLE-REDUCE-0000000010 (stores: [r]) --> none <-- KSTREAM-SOURCE-0000000009",
                "Processor: KTABLE-SELECT-0000000003 (stores: []) --> KSTREAM-SINK-0000000005, KSTREAM-SINK-0000000008 <-- KTABLE-SOURCE-0000000002",
                "Processor: KTABLE-SOURCE-0000000002 (stores: [t-STATE-STORE-0000000000]) --> KTABLE-SELECT-0000000003 <-- KSTREAM-SOURCE-0000000001",
                "Sink: KSTREAM-SINK-0000000005 (topic: KTABLE-AGGREGATE-STATE-STORE-0000000004-repartition) <-- KTABLE-SELECT-0000000003",
                "Sink: KSTREAM-SINK-0000000008 (topic: r-repartition) <-- KTABLE-SELECT-0000000003",
                "Source: KSTREAM-SOURCE-0000000001 (topics: [t]) --> KTABLE-SOURCE-0000000002",
                "Source: KSTREAM-SOURCE-0000000006 (topics: [KTABLE-AGGREGATE-STATE-STORE-0000000004-repartition]) --> KTABLE-AGGREGATE-0000000007",
                "Source: KSTREAM-SOURCE-0000000009 (topics: [r-repartition]) --> KTABLE-REDUCE-0000000010",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void A_named_group_of_a_table_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        KGroupedTable<string, string> group = builder.Table("t", Texts).GroupBy((key, value) => KeyValuePair.Create(value, key), Groups with { Name = "g" });
        group.Count(Longs, new Named("c"));
        group.Aggregate(() => "", (_, _, result) => result, (_, _, result) => result, Kept with { Name = "s2" }, new Named("agg"));

        Assert.Equal(
            [
                "Processor: KTABLE-SOURCE-0000000002 (stores: [t-STATE-STORE-0000000000]) --> g <-- KSTREAM-SOURCE-0000000001",
                "Processor: agg (stores: [s2]) --> none <-- c-source",
                "Processor: c (stores: [KTABLE-AGGREGATE-STATE-STORE-0000000004]) --> none <-- c-source",
                "Processor: g (stores: []) --> c-sink <-- KTABLE-SOURCE-0000000002",
                "Sink: c-sink (topic: g-repartition) <-- g",
                "Source: KSTREAM-SOURCE-0000000001 (topics: [t]) --> KTABLE-SOURCE-0000000002",
                "Source: c-source (topics: [g-repartition]) --> agg, c",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void Joins_of_a_stream_with_new_keys_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        KTable<string, string> table = builder.Table("t", Texts);
        KStream<string, string> stream = builder.Stream("in", Texts).SelectKey((_, value) => value);
        stream.Join(table, (_, value, _) => value).To("o1", TextsOut);
        stream.LeftJoin(table, (_, value, _) => value).To("o2", TextsOut);

        Assert.Equal(
            [
                "Processor: KSTREAM-FILTER-0000000006 (stores: []) --> KSTREAM-SINK-0000000005 <-- KSTREAM-KEY-SELECT-0000000004",
                "Processor: KSTREAM-JOIN-0000000008 (stores: [t-STATE-STORE-0000000000]) --> KSTREAM-SINK-0000000009 <-- KSTREAM-SOURCE-0000000007",
                "Processor: KSTREAM-KEY-SELECT-0000000004 (stores: []) --> KSTREAM-FILTER-0000000006 <-- KSTREAM-SOURCE-0000000003",
                "Processor: KSTREAM-LEFTJOIN-0000000013 (stores: [t-STATE-STORE-0000000000]) --> KSTREAM-SINK-0000000014 <-- KSTREAM-SOURCE-0000000007",
                "Processor: KTABLE-SOURCE-0000000002 (stores: [t-STATE-STORE-0000000000]) --> none <-- KSTREAM-SOURCE-0000000001",
                "Sink: KSTREAM-SINK-0000000005 (topic: KSTREAM-KEY-SELECT-0000000004-repartition) <-- KSTREAM-FILTER-0000000006",
                "Sink: KSTREAM-SINK-0000000009 (topic: o1) <-- KSTREAM-JOIN-0000000008",
                "Sink: KSTREAM-SINK-0000000014 (topic: o2) <-- KSTREAM-LEFTJOIN-0000000013",
                "Source: KSTREAM-SOURCE-0000000001 (topics: [t]) --> KTABLE-SOURCE-0000000002",
                "Source: KSTREAM-SOURCE-0000000003 (topics: [in]) --> KSTREAM-KEY-SELECT-0000000004",
                "Source: KSTREAM-SOURCE-0000000007 (topics: [KSTREAM-KEY-SELECT-0000000004-repartition]) --> KSTREAM-JOIN-0000000008, KSTREAM-LEFTJOIN-0000000013",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void Branches_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", Texts).Split().Branch((_, _) => true).Branch((_, _) => true, new Branched<string, string> { Name = "-x" })
            .Branch((_, _) => true, new Branched<string, string> { Consumer = branch => branch.To("c", TextsOut) }).DefaultBranch();
        builder.Stream("in2", Texts).Split(new Named("sp")).Branch((_, _) => true, new Branched<string, string> { Name = "a" }).NoDefaultBranch();

        Assert.Equal(
            [
                "Processor: KSTREAM-BRANCH-0000000001 (stores: []) --> KSTREAM-BRANCH-0000000001-x, KSTREAM-BRANCH-00000000010, KSTREAM-BRANCH-00000000011, KSTREAM-BRANCH-00000000013 <-- KSTREAM-SOURCE-0000000000",
                "Processor: KSTREAM-BRANCH-0000000001-x (stores: []) --> none <-- KSTREAM-BRANCH-0000000001",
                "Processor: KSTREAM-BRANCH-00000000010 (stores: []) --> none <-- KSTREAM-BRANCH-0000000001",
                "Processor: KSTREAM-BRANCH-00000000011 (stores: []) --> none <-- KSTREAM-BRANCH-0000000001",
                "Processor: KSTREAM-BRANCH-00000000013 (stores: []) --> KSTREAM-SINK-0000000005 <-- KSTREAM-BRANCH-0000000001",
                "Processor: sp (stores: []) --> spa <-- KSTREAM-SOURCE-0000000007",
                "Processor: spa (stores: []) --> none <-- sp",
                "Sink: KSTREAM-SINK-0000000005 (topic: c) <-- KSTREAM-BRANCH-00000000013",
                "Source: KSTREAM-SOURCE-0000000000 (topics: [in]) --> KSTREAM-BRANCH-0000000001",
                "Source: KSTREAM-SOURCE-0000000007 (topics: [in2]) --> sp",
            ],
            Lines(builder.Build()));
    }

    [Fact]
    public void Stateless_operators_is_named_as_Kafka_Streams_names_it()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", Texts).Filter((_, _) => true, new Named("f")).FilterNot((_, _) => true).Map((key, value) => KeyValuePair.Create(key, value)).MapValues((_, value) => value)
            .FlatMap((key, value) => new[] { KeyValuePair.Create(key, value) }).FlatMapValues((_, value) => new[] { value }).SelectKey((_, value) => value).Peek((_, _) => { })
            .Merge(builder.Stream("in3", Texts)).To("out", TextsOut);

        Assert.Equal(
            [
                "Processor: KSTREAM-FILTER-0000000002 (stores: []) --> KSTREAM-MAP-0000000003 <-- f",
                "Processor: KSTREAM-FLATMAP-0000000005 (stores: []) --> KSTREAM-FLATMAPVALUES-0000000006 <-- KSTREAM-MAPVALUES-0000000004",
                "Processor: KSTREAM-FLATMAPVALUES-0000000006 (stores: []) --> KSTREAM-KEY-SELECT-0000000007 <-- KSTREAM-FLATMAP-0000000005",
                "Processor: KSTREAM-KEY-SELECT-0000000007 (stores: []) --> KSTREAM-PEEK-0000000008 <-- KSTREAM-FLATMAPVALUES-0000000006",
                "Processor: KSTREAM-MAP-0000000003 (stores: []) --> KSTREAM-MAPVALUES-0000000004 <-- KSTREAM-FILTER-0000000002",
                "Processor: KSTREAM-MAPVALUES-0000000004 (stores: []) --> KSTREAM-FLATMAP-0000000005 <-- KSTREAM-MAP-0000000003",
                "Processor: KSTREAM-MERGE-0000000010 (stores: []) --> KSTREAM-SINK-0000000011 <-- KSTREAM-PEEK-0000000008, KSTREAM-SOURCE-0000000009",
                "Processor: KSTREAM-PEEK-0000000008 (stores: []) --> KSTREAM-MERGE-0000000010 <-- KSTREAM-KEY-SELECT-0000000007",
                "Processor: f (stores: []) --> KSTREAM-FILTER-0000000002 <-- KSTREAM-SOURCE-0000000000",
                "Sink: KSTREAM-SINK-0000000011 (topic: out) <-- KSTREAM-MERGE-0000000010",
                "Source: KSTREAM-SOURCE-0000000000 (topics: [in]) --> f",
                "Source: KSTREAM-SOURCE-0000000009 (topics: [in3]) --> KSTREAM-MERGE-0000000010",
            ],
            Lines(builder.Build()));
    }

    private static IEnumerable<string> Lines(Topology topology)
    {
        List<string> lines = [];
        foreach (string line in topology.Describe().Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("-->", StringComparison.Ordinal) || line.StartsWith("<--", StringComparison.Ordinal))
                lines[^1] += $" {line[..4]}{string.Join(", ", line[4..].Split(", ").Order(StringComparer.Ordinal))}";
            else if (line.Contains(": ", StringComparison.Ordinal) && !line.StartsWith("Sub-topology", StringComparison.Ordinal))
                lines.Add(line);
        }
        return lines.Order(StringComparer.Ordinal);
    }
}
