using Assay.Streams.Internal.Graph;
using Assay.Streams.Testing;

namespace Assay.Streams.Tests;

public sealed class RepartitionTests
{
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);
    private static readonly Grouped<string, string> Groups = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, string> Kept = new(Serdes.String, Serdes.String);
    private static readonly Materialized<string, long> Longs = new(Serdes.String, Serdes.Long);
    private static readonly Repartitioned<string, string> Anew = new(Serdes.String, Serdes.String);

    [Fact]
    public void The_test_driver_runs_through_repartition_topics_and_restarts_behind_them()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", Texts).FlatMapValues((_, line) => line.Split(' ')).GroupBy((_, word) => word, Groups with { Name = "words" }).Count(Longs).ToStream()
            .To("out", new Produced<string, long>(Serdes.String, Serdes.Long));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "a b a", 1);
        driver.Restart();
        input.PipeInput("k", "b", 2);

        Assert.Equal(
            ["a=1@1", "b=1@1", "a=2@1", "b=2@2"],
            driver.CreateOutputTopic("out", Serdes.String, Serdes.Long).ReadRecordsToList().Select(record => $"{record.Key}={record.Value}@{record.Timestamp}"));
        Assert.Equal(4, driver.CreateOutputTopic("test-words-repartition", Serdes.String, Serdes.String).QueueSize);
    }

    [Fact]
    public void Rule10_a_topic_is_read_again_only_where_keys_may_have_changed()
    {
        StreamsBuilder builder = new();
        KTable<string, string> table = builder.Table("table", Texts);
        KStream<string, string> stream = builder.Stream("in", Texts).Filter((_, _) => true).MapValues((_, value) => value).FlatMapValues((_, value) => new[] { value })
            .Peek((_, _) => { }).ProcessValues(() => new Processors.Each<string, string, string, string>((record, context) => context.Forward(record)));
        stream.Join(table, (_, value, _) => value).GroupByKey().Count(Longs);
        stream.Merge(builder.Stream("other", Texts)).GroupByKey().Reduce((_, value) => value, Kept).ToStream().ToTable(Kept);

        TopologyGraph graph = TopologyGraph.Of(builder.Build(), "app");

        Assert.Empty(graph.RepartitionTopics);
        Assert.Single(graph.SubTopologies);
    }

    [Fact]
    public void Rule16_a_row_that_changes_its_group_leaves_the_old_one_before_it_joins_the_new_one()
    {
        StreamsBuilder builder = new();
        List<string> calls = [];
        builder.Table("in", Texts).GroupBy((key, value) => KeyValuePair.Create(value[..1], value[1..]), Groups).Aggregate(
            () => "", (key, value, result) => Say($"{key}+{value}", result + value), (key, value, result) => Say($"{key}-{value}", result.Replace(value, "", StringComparison.Ordinal)), Kept)
            .ToStream().To("out", TextsOut);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("row", "g1", 1);
        input.PipeInput("row", "g2", 2);
        driver.Restart();
        input.PipeInput("row", "h3", 3);
        input.PipeInput("row", null, 2);

        Assert.Equal(["g+1", "g-1", "g+2", "g-2", "h+3", "h-3"], calls);
        Assert.Equal(
            ["g=1@1", "g=2@2", "g=@3", "h=3@3", "h=@3"],
            driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key}={record.Value}@{record.Timestamp}"));

        string Say(string call, string result)
        {
            calls.Add(call);
            return result;
        }
    }

    [Fact]
    public void A_grouped_change_has_the_bytes_that_Kafka_Streams_gives_it()
    {
        StreamsBuilder builder = new();
        builder.Table("in", Texts).GroupBy((key, value) => KeyValuePair.Create(value[..1], value[1..]), Groups).Count(Longs with { Name = "n" });
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("row", "gA", 1);
        input.PipeInput("row", "gBC", 2);
        input.PipeInput("row", "hD", 3);
        input.PipeInput("row", "g" + new string('x', 100), 4);
        input.PipeInput("row", "gy", 5);
        input.PipeInput("row", "g" + new string('z', 100), 6);

        Assert.Equal(
            ["67:4101", "67:04424341" + "02", "67:424300", "68:4401", "68:4400", "67:" + string.Concat(Enumerable.Repeat("78", 100)) + "01",
                "67:0279" + string.Concat(Enumerable.Repeat("78", 100)) + "02", "67:C801" + string.Concat(Enumerable.Repeat("7A", 100)) + "7902"],
            driver.CreateOutputTopic("test-n-repartition", Serdes.ByteArray, Serdes.ByteArray).ReadRecordsToList()
                .Select(record => $"{Convert.ToHexString(record.Key)}:{Convert.ToHexString(record.Value)}"));
        Assert.Equal(1, driver.GetKeyValueStore<string, ValueAndTimestamp<long>>("n").Get("g").Value);
    }

    [Fact]
    public void Repartition_topics_get_the_counts_of_their_inputs_through_chains()
    {
        StreamsBuilder builder = new();
        KStream<string, string> merged = builder.Stream("a", Texts).Merge(builder.Stream("b", Texts)).Repartition(Anew with { Name = "one" });
        merged.Repartition(Anew with { Name = "two" }).To("out", TextsOut);
        merged.Repartition(Anew with { Name = "given", NumberOfPartitions = 2 }).Repartition(Anew with { Name = "three" }).To("out2", TextsOut);

        Assert.Equal(["app-given-repartition=2", "app-one-repartition=7", "app-three-repartition=2", "app-two-repartition=7"], Counts(builder, ("a", 3), ("b", 7)));
    }

    [Fact]
    public void Rule23_a_repartition_topic_gets_the_count_of_what_it_is_read_with()
    {
        StreamsBuilder builder = new();
        KTable<string, string> table = builder.Table("table", Texts);
        builder.Stream("many", Texts).SelectKey((_, value) => value).Join(table, (_, value, _) => value);
        KTable<string, string> left = builder.Stream("few", Texts).Repartition(Anew with { Name = "left" }).ToTable(Kept);
        builder.Stream("more", Texts).Repartition(Anew with { Name = "right" }).Join(left, (_, value, _) => value);

        Assert.Equal(
            ["app-KSTREAM-KEY-SELECT-0000000004-repartition=4", "app-left-repartition=5", "app-right-repartition=5"],
            Counts(builder, ("table", 4), ("many", 9), ("few", 2), ("more", 5)));
    }

    [Fact]
    public void Rule23_a_given_count_that_does_not_fit_is_one_plain_sentence()
    {
        StreamsBuilder builder = new();
        builder.Stream("stream", Texts).Repartition(Anew with { Name = "mine", NumberOfPartitions = 3 }).Join(builder.Table("table", Texts), (_, value, _) => value);

        Assert.Equal(
            "The repartition topic 'app-mine-repartition' is to have 3 partitions, but 'table', with which it is read, has 4: give both the same number, or this one none.",
            Assert.Throws<StreamsException>(() => Counts(builder, ("table", 4), ("stream", 3))).Message);
    }

    [Fact]
    public void What_a_repartition_topic_cannot_know_is_one_plain_sentence()
    {
        KStream<int, string> changed = new StreamsBuilder().Stream("in", Texts).SelectKey((_, value) => value.Length);
        Assert.Equal(
            "The keys of 'KSTREAM-KEY-SELECT-0000000001' were changed, so its records go through a repartition topic, but how to write a key of System.Int32 is not known: " +
            "give the serde to the operator, or call Repartition before it.",
            Assert.Throws<StreamsException>(() => changed.GroupByKey().Count(new Materialized<int, long>(Serdes.Integer, Serdes.Long))).Message);

        StreamsBuilder builder = new();
        builder.Stream("in", Texts).Repartition(Anew with { Name = "same" });
        Assert.Contains("two nodes named 'same-repartition-filter'", Assert.Throws<StreamsException>(() =>
            builder.Stream("in2", Texts).Repartition(Anew with { Name = "same" })).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Counts(StreamsBuilder builder, params (string Topic, int Count)[] outside) => RepartitionCounts
        .Of(TopologyGraph.Of(builder.Build(), "app"), outside.ToDictionary(topic => topic.Topic, topic => topic.Count))
        .Select(topic => $"{topic.Key}={topic.Value}").Order(StringComparer.Ordinal);
}
