namespace Assay.Conformance.Tests.Streams;

/// <summary>Windowed aggregates beside Kafka Streams'.</summary>
public sealed class WindowTests(KafkaStreamsProcess kafkaStreams)
{
    /// <summary>Milliseconds: with less, Kafka Streams loses results that it should give on close (see <see cref="DifferenceTests"/>).</summary>
    private const int Ample = 10_000;

    [Theory]
    [InlineData("count", "update")]
    [InlineData("count", "close")]
    [InlineData("reduce", "update")]
    [InlineData("reduce", "close")]
    [InlineData("aggregate", "update")]
    [InlineData("aggregate", "close")]
    public Task Tumbling_and_hopping_windows_are_the_same(string aggregate, string emit) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random =>
        {
            int size = random.Next(1, 30), grace = random.Next(3) == 0 ? 0 : random.Next(20);
            string advance = random.Next(2) == 0 ? "" : $" advance={random.Next(1, size + 1)}";
            return ["s = stream in", "g = groupByKey s", $"w = windows g size={size} grace={grace}{advance} emit={emit}", .. Result($"{aggregate} w", random, emit == "close" ? Ample : size + grace)];
        },
        random => RandomInputs.Of(random, tombstones: 0, "in")));

    /// <summary>The lines from an aggregate to the topic "out".</summary>
    private static string[] Result(string aggregate, Random random, int shortest) =>
    [
        $"t = {aggregate}" + (shortest == Ample || random.Next(2) == 0 ? $" store=mine retention={shortest + random.Next(50)}" : ""),
        "o = toStream t",
        "to o out",
    ];
}
