namespace Assay.Conformance.Tests.Streams;

/// <summary>Joins of streams and of tables beside Kafka Streams'.</summary>
public sealed class JoinTests(KafkaStreamsProcess kafkaStreams)
{
    [Fact]
    public Task Inner_joins_of_streams_are_the_same()
    {
        // Kafka Streams' stores lose records a millisecond before they meet no more: so late none comes.
        int disorder = 0;
        return Comparison.AssertSameAsync(kafkaStreams, new Scenario(
            random =>
            {
                int size = random.Next(30), before = random.Next(3) == 0 ? random.Next(30) : size, after = random.Next(3) == 0 ? random.Next(30) : size, grace = random.Next(1, 30);
                disorder = Math.Min(before, after) + grace - 1;
                return ["a = stream left", "b = stream right", $"j = join a b size={size} grace={grace} before={before} after={after}", "to j out"];
            },
            random => RandomInputs.Of(random, tombstones: 8, disorder, "left", "right")));
    }

    /// <summary>Kafka Streams may let a record that met none out some records after its window has closed.</summary>
    [Theory]
    [InlineData("leftJoin")]
    [InlineData("outerJoin")]
    public Task Left_and_outer_joins_of_streams_in_order_of_time_let_the_same_out(string join) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["a = stream left", "b = stream right", $"j = {join} a b size=10 before={random.Next(30)} after={random.Next(30)} grace={random.Next(1, 30)}", "to j out"],
        random => [.. RandomInputs.Of(random, tombstones: 0, disorder: 0, "left", "right"), new Input("left", "end", "a1", 10_000), new Input("left", "end", "a2", 20_000)])
    { AtAnyTime = true });

    [Theory]
    [InlineData("join")]
    [InlineData("leftJoin")]
    [InlineData("outerJoin")]
    public Task Table_joins_are_the_same(string join) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["a = table left store=l", "b = table right store=r", $"j = {join} a b" + (random.Next(2) == 0 ? " store=joined" : ""), "o = toStream j", "to o out"],
        random => RandomInputs.Of(random, tombstones: 4, "left", "right")));
}
