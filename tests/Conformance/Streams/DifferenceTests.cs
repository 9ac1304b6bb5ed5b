namespace Assay.Conformance.Tests.Streams;

/// <summary>The differences that docs/streams.md lists, each by what exactly either engine gives.</summary>
public sealed class DifferenceTests(KafkaStreamsProcess kafkaStreams)
{
    [Fact]
    public Task A_result_on_close_is_lost_by_Kafka_Streams_where_its_window_leaves_the_store_first() => AssertDifferAsync(
        ["s = stream in", "g = groupByKey s", "w = windows g size=10 grace=0 emit=close", "t = reduce w", "o = toStream t", "to o out"],
        [new("in", "k", "a1", 1), new("in", "k", "a2", 20)],
        theirs: [],
        ours: ["1: out k@0/10=a1 at 1"]);

    [Fact]
    public Task Stream_time_is_that_of_all_records_not_of_those_that_reach_the_operator() => AssertDifferAsync(
        ["s = stream in", "f = filter s has=a", "g = groupByKey f", "w = windows g size=10 grace=0", "t = reduce w", "o = toStream t", "to o out"],
        [new("in", "k", "a1", 1), new("in", "k", "b2", 10), new("in", "k", "a3", 2)],
        theirs: ["0: out k@0/10=a1 at 1", "2: out k@0/10=a1a3 at 2"],
        ours: ["0: out k@0/10=a1 at 1"]);

    [Fact]
    public Task A_window_closes_also_by_a_record_that_does_not_reach_the_operator() => AssertDifferAsync(
        ["s = stream in", "f = filter s has=a", "g = groupByKey f", "w = windows g size=10 grace=0 emit=close", "t = reduce w retention=1000", "o = toStream t", "to o out"],
        [new("in", "k", "a1", 1), new("in", "k", "b2", 10), new("in", "k", "a3", 11)],
        theirs: ["2: out k@0/10=a1 at 1"],
        ours: ["1: out k@0/10=a1 at 1"]);

    [Fact]
    public async Task A_table_read_from_a_topic_always_has_a_store()
    {
        string[] topology = ["t = table in", "o = toStream t", "to o out"];
        Input[] inputs = [new("in", "k", "a1", 1)];

        Answer theirs = await kafkaStreams.AskAsync(topology, [inputs]);
        Answer ours = OurStreams.Ask(topology, [inputs]);

        Assert.Equal(
            Comparison.Sorted(theirs.Description).Select(line => line.Replace("KTABLE-SOURCE-0000000002 (stores: [])", "KTABLE-SOURCE-0000000002 (stores: [in-STATE-STORE-0000000000])", StringComparison.Ordinal)),
            Comparison.Sorted(ours.Description));
        Assert.NotEqual(Comparison.Sorted(theirs.Description), Comparison.Sorted(ours.Description));
        Assert.Equal(theirs.Runs[0].Outputs, ours.Runs[0].Outputs);
        Assert.Empty(theirs.Runs[0].Changelogs);
        Assert.Equal(["test-in-STATE-STORE-0000000000-changelog"], ours.Runs[0].Changelogs.Keys);
    }

    private async Task AssertDifferAsync(string[] topology, Input[] inputs, string[] theirs, string[] ours)
    {
        Answer answer = await kafkaStreams.AskAsync(topology, [inputs]);

        Assert.Equal(theirs, Comparison.Lines(answer.Runs[0].Outputs));
        Assert.Equal(ours, Comparison.Lines(OurStreams.Ask(topology, [inputs]).Runs[0].Outputs));
    }
}
