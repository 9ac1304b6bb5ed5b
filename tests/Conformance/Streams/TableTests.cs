using System.Globalization;

namespace Assay.Conformance.Tests.Streams;

/// <summary>Tables and their joins with streams beside Kafka Streams'.</summary>
public sealed class TableTests(KafkaStreamsProcess kafkaStreams)
{
    [Fact]
    public Task Tables_are_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        _ =>
        [
            "t = table in store=kept", "f = filter t has=a", "m = mapValues f tag=x", "n = filterNot m has=1", "o = toStream n", "to o out",
            "p = toStream t", "to p all",
        ],
        random => RandomInputs.Of(random, tombstones: 5, "in")));

    [Theory]
    [InlineData("count")]
    [InlineData("reduce")]
    [InlineData("aggregate")]
    public Task Tables_grouped_anew_are_the_same(string aggregate) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["t = table in store=kept", "g = groupBy t" + (random.Next(2) == 0 ? " name=grouped" : ""), $"a = {aggregate} g", "o = toStream a", "to o out"],
        random => RandomInputs.Of(random, tombstones: 5, "in")));

    [Fact]
    public Task Stored_filters_and_maps_are_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        _ => ["t = table in store=kept", "f = filter t has=a store=filtered", "m = mapValues f tag=x store=mapped", "o = toStream m", "to o out"],
        random => RandomInputs.Of(random, tombstones: 5, "in")));

    [Theory]
    [InlineData("count")]
    [InlineData("reduce clear=9")]
    [InlineData("aggregate clear=9")]
    public Task Aggregates_by_key_are_the_same(string aggregate) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["s = stream in", "g = groupByKey s", aggregate.Insert(aggregate.IndexOf(' ') is var at and > 0 ? at : aggregate.Length, " g").Insert(0, "t = "), "o = toStream t", "to o out"],
        random => RandomInputs.Of(random, tombstones: 6, "in")));

    [Theory]
    [InlineData("join")]
    [InlineData("leftJoin")]
    public Task A_stream_table_join_differs_only_in_giving_the_later_time_of_both(string join) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        _ => ["s = stream in", "t = table table store=kept", $"j = {join} s t", "to j out"],
        random => [.. RandomInputs.Of(random, tombstones: 6, "in", "table").Select(input => input.Topic == "table" && input.Value is not null
            ? input with { Value = $"{input.Value}@{input.Timestamp}" } : input)])
    {
        // The table's values say when they came.
        Difference = outputs => outputs.Select(output => output.Value!.Split('@') is [_, string time]
            ? output with { Timestamp = Math.Max(output.Timestamp, long.Parse(time, CultureInfo.InvariantCulture)) } : output),
    });
}
