using Assay.Streams.Internal.Dsl;
using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

public sealed class StatefulDslTests
{
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, long> Longs = new(Serdes.String, Serdes.Long);

    [Fact]
    public void A_table_filters_maps_and_becomes_a_stream()
    {
        StreamsBuilder builder = new();
        builder.Table("in", Texts).Filter((_, value) => value.Length > 1).MapValues((key, value) => key + value).ToStream().To("out", TextsOut);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "ab", 5);
        input.PipeInput("k", "a", 6);
        input.PipeInput("k", null, 7);
        input.PipeInput(null, "no key", 8);

        Assert.Equal(
            [new("k", "kab", 5), new("k", null, 6)],
            driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => new Record<string, string?>(record.Key, record.Value, record.Timestamp)));
    }

    [Fact]
    public void Rule16_a_table_update_carries_old_and_new_over_a_restart_and_out_of_order()
    {
        StreamsBuilder builder = new();
        List<string> changes = [];
        KTable<string, string> table = builder.Table("in", Texts).Filter((_, value) => value != "hidden").MapValues((_, value) => value + "!");
        builder.Topology.AddProcessor("spy", () => new Spy(changes), table.Node);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "a", 10);
        driver.Restart();
        input.PipeInput("k", "b", 5);
        input.PipeInput("k", "hidden", 11);
        input.PipeInput("k", "c", 12);
        input.PipeInput("k", null, 13);
        input.PipeInput("k", "d", 14);

        Assert.Equal(["none>a!", "a!>b!", "b!>null", "none>c!", "c!>null", "none>d!"], changes);
    }

    [Fact]
    public void Rule12_an_aggregate_has_the_latest_time_seen_also_after_a_restart()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", Texts).GroupByKey().Reduce((result, value) => result + value, new Materialized<string, string>(Serdes.String, Serdes.String))
            .ToStream().To("out", TextsOut);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "a", 10);
        input.PipeInput("k", null, 11);
        driver.Restart();
        input.PipeInput("k", "b", 4);
        input.PipeInput("k", "c", 12);

        Assert.Equal([("a", 10), ("ab", 10), ("abc", 12)],
            driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => (record.Value, record.Timestamp)));
    }

    [Fact]
    public void Rule13_a_window_closes_by_stream_time_of_records_that_do_not_reach_it_and_only_once()
    {
        StreamsBuilder builder = new();
        ISerde<Windowed<string>> keys = Serdes.TimeWindowed(Serdes.String, TimeSpan.FromMilliseconds(10));
        builder.Stream("in", Texts).Filter((_, value) => value != "tick").GroupByKey()
            .WindowedBy(TimeWindows.OfSizeAndGrace(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5))).EmitStrategy(EmitStrategy.OnWindowClose)
            .Count(Longs).ToStream().To("out", new Produced<Windowed<string>, long>(keys, Serdes.Long));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        TestOutputTopic<Windowed<string>, long> output = driver.CreateOutputTopic("out", keys, Serdes.Long);

        input.PipeInput("k", "a", 1);
        input.PipeInput("other", "tick", 14);
        input.PipeInput("k", "b", 9);
        Assert.True(output.IsEmpty);
        input.PipeInput("other", "tick", 15);
        Assert.Equal(new Record<Windowed<string>, long>(new("k", new(0, 10)), 2, 9), output.ReadRecord() with { Headers = null });
        driver.Restart();
        input.PipeInput("k", "late", 9);
        input.PipeInput("other", "tick", 100);
        Assert.True(output.IsEmpty);
    }

    [Fact]
    public void Rule22_a_window_stores_changelog_has_start_and_sequence_in_its_key_and_the_time_beside_and_expiry_deletes_it()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", Texts).GroupByKey().WindowedBy(TimeWindows.OfSizeWithNoGrace(TimeSpan.FromMilliseconds(10))).Count(Longs);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "a", 13);
        input.PipeInput("k", "b", 20);

        Assert.Equal(
            ["6B 000000000000000A 00000000=0000000000000001 at 13", "6B 0000000000000014 00000000=0000000000000001 at 20", "6B 000000000000000A 00000000= at 20"],
            driver.CreateOutputTopic("test-KSTREAM-AGGREGATE-STATE-STORE-0000000001-changelog", Serdes.ByteArray, Serdes.ByteArray).ReadRecordsToList()
                .Select(record => $"{Hex(record.Key, 1, 9)}={(record.Value is null ? "" : Hex(record.Value))} at {record.Timestamp}"));
    }

    [Fact]
    public void Stateful_nodes_and_stores_are_named_as_Kafka_Streams_names_them()
    {
        StreamsBuilder builder = new();
        KTable<string, string> table = builder.Table("table", Texts);
        KStream<string, string> stream = builder.Stream("stream", Texts);
        stream.Join(table, (_, value, other) => value + other);
        stream.GroupByKey().Count(Longs).ToStream();
        stream.GroupByKey().Reduce((_, value) => value, new Materialized<string, string>(Serdes.String, Serdes.String) { Name = "mine" });

        Assert.Equal(
            ["KSTREAM-SOURCE-0000000001", "KTABLE-SOURCE-0000000002", "KSTREAM-SOURCE-0000000003", "KSTREAM-JOIN-0000000004", "KSTREAM-AGGREGATE-0000000006", "KTABLE-TOSTREAM-0000000007", "KSTREAM-REDUCE-0000000008"],
            builder.Topology.Nodes.Select(node => node.Name));
        Assert.Equal(["table-STATE-STORE-0000000000", "KSTREAM-AGGREGATE-STATE-STORE-0000000005", "mine"], builder.Topology.Stores.Keys);
    }

    [Fact]
    public void Values_without_null_are_refused_where_null_is_needed()
    {
        KTable<string, long> counts = new StreamsBuilder().Stream("in", Texts).GroupByKey().Count(Longs);

        Assert.Throws<StreamsException>(() => counts.Filter((_, _) => true));
        Assert.Throws<StreamsException>(() => counts.MapValues(static (_, count) => $"{count}").MapValues(static (_, text) => text.Length));
        Assert.Throws<StreamsException>(() => new StreamsBuilder().Stream("other", Texts).LeftJoin(counts, (_, _, count) => count));
    }

    private static string Hex(byte[] bytes, params int[] cuts) => string.Join(' ', cuts.Prepend(0).Zip(cuts.Append(bytes.Length)).Select(cut => Convert.ToHexString(bytes[cut.First..cut.Second])));

    private sealed class Spy(List<string> changes) : IProcessor<string, Change<string>, string, string>
    {
        public void Process(in Record<string, Change<string>> record) => changes.Add($"{(record.Value.HasOld ? record.Value.Old : "none")}>{record.Value.New ?? "null"}");
    }
}
