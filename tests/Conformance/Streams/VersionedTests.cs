using System.Globalization;

namespace Assay.Conformance.Tests.Streams;

/// <summary>Versioned tables and their joins beside Kafka Streams'.</summary>
public sealed class VersionedTests(KafkaStreamsProcess kafkaStreams)
{
    /// <summary>Milliseconds: more than any series of inputs lasts.</summary>
    private const int Ample = 100_000;

    [Theory]
    [InlineData("join")]
    [InlineData("leftJoin")]
    public Task A_stream_joins_the_version_in_force_at_its_time(string join) => AssertSame(
        _ => ["s = stream in", $"t = table table store=versioned versioned={Ample}", $"j = {join} s t", "to j out"], inputs => inputs);

    /// <summary>Kafka Streams waits by the stream's own time, ours by the task's: they are one where the table never is ahead
    /// and no record of the stream is without value.</summary>
    [Theory]
    [InlineData("join")]
    [InlineData("leftJoin")]
    public Task A_stream_that_waits_for_late_versions_joins_the_same(string join) => AssertSame(
        random => ["s = stream in", $"t = table table store=versioned versioned={Ample}", $"j = {join} s t grace={random.Next(1, 40)}", "to j out"], NeverAhead);

    [Theory]
    [InlineData("join")]
    [InlineData("leftJoin")]
    [InlineData("outerJoin")]
    public Task Versioned_tables_join_the_same(string join) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        _ => [$"a = table left store=versioned-l versioned={Ample}", $"b = table right store=versioned-r versioned={Ample}", $"j = {join} a b", "o = toStream j", "to o out"],
        random => LastingDeletions(RandomInputs.Of(random, tombstones: 4, "left", "right"))));

    [Fact]
    public Task Versioned_tables_filter_map_and_group_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        _ =>
        [
            $"t = table in store=versioned versioned={Ample}", "f = filter t has=a", "m = mapValues f tag=x", "o = toStream m", "to o out",
            "g = groupBy t", "c = aggregate g", "p = toStream c", "to p groups",
        ],
        random => LastingDeletions(RandomInputs.Of(random, tombstones: 4, "in"))));

    /// <summary>The result's time is the later of both, ours alone.</summary>
    private Task AssertSame(Func<Random, string[]> topology, Func<IEnumerable<Input>, IEnumerable<Input>> change) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        topology,
        random => [.. LastingDeletions([.. change(RandomInputs.Of(random, tombstones: 6, "in", "table"))])
            .Select(input => input.Topic == "table" && input.Value is not null ? input with { Value = $"{input.Value}@{input.Timestamp}" } : input)])
    {
        Difference = outputs => outputs.Select(output => output.Value!.Split('@') is [_, string time]
            ? output with { Timestamp = Math.Max(output.Timestamp, long.Parse(time, CultureInfo.InvariantCulture)) } : output),
    });

    /// <summary>Without a deletion at the time of another version of its key, which Kafka Streams may forget.</summary>
    private static IReadOnlyList<Input> LastingDeletions(IReadOnlyList<Input> inputs) =>
        [.. inputs.Where((input, number) => !inputs.Take(number).Any(before => (before.Topic, before.Key, before.Timestamp) == (input.Topic, input.Key, input.Timestamp)
            && (before.Value is null || input.Value is null)))];

    private static IEnumerable<Input> NeverAhead(IEnumerable<Input> inputs)
    {
        long streamTime = 0;
        foreach (Input input in inputs)
        {
            if (input.Topic == "in")
                streamTime = Math.Max(streamTime, input.Timestamp);
            yield return input with { Timestamp = Math.Min(input.Timestamp, streamTime), Value = input.Topic == "in" ? input.Value ?? "a0" : input.Value };
        }
    }
}
