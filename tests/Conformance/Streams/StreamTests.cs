namespace Assay.Conformance.Tests.Streams;

/// <summary>Operators without state, and processors, beside Kafka Streams'.</summary>
public sealed class StreamTests(KafkaStreamsProcess kafkaStreams)
{
    [Fact]
    public Task Operators_without_state_are_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        _ =>
        [
            "s = stream in", "f = filter s has=a", "n = filterNot s has=1", "m = merge f n", "v = mapValues m tag=x", "u = flatMapValues v", "p = peek u",
            "k = selectKey p", "a = map k", "b = flatMap a", "to b out", "to s copies",
        ],
        random => RandomInputs.Of(random, tombstones: 5, "in")));

    [Fact]
    public Task Branches_and_repartition_topics_are_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random =>
        [
            "s = stream in", "split s a b", "m = merge s.1 s.0", "k = selectKey m", "r = repartition k" + (random.Next(2) == 0 ? " name=again" : ""), "to r out",
            "g = groupBy s.2" + (random.Next(2) == 0 ? " name=grouped" : ""), "c = count g", "o = toStream c", "to o counts", "t = toTable r store=kept", "u = toStream t", "to u table",
        ],
        random => RandomInputs.Of(random, tombstones: 5, "in")));

    [Fact]
    public Task A_processor_with_a_store_and_stream_time_punctuation_is_the_same() => Comparison.AssertSameAsync(kafkaStreams, new Scenario(
        random => ["s = stream in", $"p = process s interval={random.Next(1, 40)}", "to p out"],
        random => RandomInputs.Of(random, tombstones: 5, "in")));
}
