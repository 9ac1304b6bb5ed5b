namespace Assay.Conformance.Tests.Streams;

/// <summary>Windowed aggregates beside Kafka Streams'.</summary>
public sealed class WindowTests(KafkaStreamsProcess kafkaStreams)
{
    /// <summary>Milliseconds: with less, Kafka Streams loses results on close, and windows of late records where they slide (see <see cref="DifferenceTests"/>).</summary>
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
        random => RandomInputs.Of(random, tombstones: 0, "in"))
    { SameHeaders = emit == "update" });

    [Theory]
    [InlineData("count", "update")]
    [InlineData("count", "close")]
    [InlineData("reduce", "update")]
    [InlineData("aggregate", "update")]
    [InlineData("aggregate", "close")]
    public Task Sliding_windows_are_the_same_but_for_updates_sent_twice(string aggregate, string emit) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random =>
        {
            int size = random.Next(1, 30), grace = random.Next(3) == 0 ? 0 : random.Next(20);
            return ["s = stream in", "g = groupByKey s", $"w = sliding g size={size} grace={grace} emit={emit}", .. Result($"{aggregate} w", random, Ample)];
        },
        random => RandomInputs.Of(random, tombstones: 0, "in"))
    {
        Difference = outputs => outputs.Distinct(),
        SameHeaders = emit == "update",
    });

    [Theory]
    [InlineData("count", "update")]
    [InlineData("count", "close")]
    [InlineData("reduce", "update")]
    [InlineData("aggregate", "update")]
    [InlineData("aggregate", "close")]
    public Task Session_windows_are_the_same(string aggregate, string emit)
    {
        // A session that has closed can't be joined: while Kafka Streams' store retains it, that happens there. On close it must retain it, or results are lost.
        int disorder = 50;
        return Comparison.AssertSameAsync(kafkaStreams, new Scenario(
            random =>
            {
                int gap = random.Next(1, 30), grace = random.Next(3) == 0 ? 0 : random.Next(20);
                disorder = emit == "close" ? grace : 50;
                return ["s = stream in", "g = groupByKey s", $"w = sessions g size={gap} grace={grace} emit={emit}",
                    $"t = {aggregate} w store=mine retention={(emit == "close" ? Ample : gap + grace + 1)}", "o = toStream t", "to o out", "to o bytes keys=session"];
            },
            random => RandomInputs.Of(random, tombstones: 0, disorder, "in"))
        { SameHeaders = false });
    }

    /// <summary>Where a window's end is its own last moment, Kafka Streams lets it out one too early; with times that are multiples of four, windows end on one or
    /// one later, and close between two.</summary>
    [Theory]
    [InlineData("windows")]
    [InlineData("sliding")]
    [InlineData("sessions")]
    public Task Suppression_until_a_window_closes_is_the_same(string windows) => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["s = stream in", "g = groupByKey s", $"w = {windows} g size={4 * random.Next(1, 8)} grace={4 * random.Next(5) + 2}", windows == "sliding" ? $"t = aggregate w store=mine retention={Ample}" : "t = aggregate w", "u = suppress t", "o = toStream u", "to o out"],
        random => [.. RandomInputs.Of(random, tombstones: 0, "in").Select(input => input with { Timestamp = input.Timestamp * 4 })])
    { SameHeaders = false });

    [Fact]
    public Task Suppression_for_a_time_is_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["t = table in store=kept", $"u = suppress t limit={random.Next(40)}" + (random.Next(2) == 0 ? $" max={random.Next(1, 3)}" : ""), "o = toStream u", "to o out"],
        random => RandomInputs.Of(random, tombstones: 6, "in"))
    { SameHeaders = false });

    /// <summary>The lines from an aggregate to the topic "out".</summary>
    private static string[] Result(string aggregate, Random random, int shortest) =>
    [
        $"t = {aggregate}" + (shortest == Ample || random.Next(2) == 0 ? $" store=mine retention={shortest + random.Next(50)}" : ""),
        "o = toStream t",
        "to o out",
        "to o bytes keys=window",
    ];
}
