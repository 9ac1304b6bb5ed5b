namespace Assay.Conformance.Tests.Streams;

/// <summary>The differences of results that docs/streams.md lists, each by what exactly either engine gives.</summary>
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
    public Task A_stream_table_join_gives_the_later_time_of_both() => AssertDifferAsync(
        ["s = stream in", "t = table table store=kept", "j = join s t", "to j out"],
        [new("table", "k", "b1", 10), new("in", "k", "a1", 5)],
        theirs: ["1: out k=a1,b1 at 5"],
        ours: ["1: out k=a1,b1 at 10"]);

    [Fact]
    public Task A_sliding_window_is_sent_once() => AssertDifferAsync(
        ["s = stream in", "g = groupByKey s", "w = sliding g size=25 grace=0", "t = reduce w", "o = toStream t", "to o out"],
        [new("in", "k", "a1", 7), new("in", "k", "a2", 33)],
        theirs: ["0: out k@0/25=a1 at 7", "1: out k@8/33=a2 at 33", "1: out k@8/33=a2 at 33"],
        ours: ["0: out k@0/25=a1 at 7", "1: out k@8/33=a2 at 33"]);

    [Fact]
    public Task A_late_records_sliding_window_is_made_also_where_that_of_the_record_before_has_closed() => AssertDifferAsync(
        ["s = stream in", "g = groupByKey s", "w = sliding g size=19 grace=3", "t = reduce w", "o = toStream t", "to o out"],
        [new("in", "k", "a1", 322), new("in", "other", "a2", 344), new("in", "other", "a3", 345), new("in", "k", "a4", 336)],
        theirs: ["0: out k@303/322=a1 at 322", "1: out other@325/344=a2 at 344", "2: out other@345/364=a3 at 345", "2: out other@326/345=a2a3 at 345"],
        ours: ["0: out k@303/322=a1 at 322", "1: out other@325/344=a2 at 344", "2: out other@345/364=a3 at 345", "2: out other@326/345=a2a3 at 345", "3: out k@323/342=a4 at 336"]);

    [Fact]
    public Task A_final_result_waits_for_the_windows_last_moment() => AssertDifferAsync(
        ["s = stream in", "g = groupByKey s", "w = sliding g size=10 grace=0", "t = reduce w", "u = suppress t", "o = toStream u", "to o out"],
        [new("in", "k", "a1", 10), new("in", "k", "a2", 10), new("in", "other", "a3", 11)],
        theirs: ["0: out k@0/10=a1 at 10", "1: out k@0/10=a1a2 at 10", "2: out other@1/11=a3 at 11"],
        ours: ["2: out k@0/10=a1a2 at 10"]);

    [Fact]
    public Task A_closed_session_is_not_merged() => AssertDifferAsync(
        ["s = stream in", "g = groupByKey s", "w = sessions g size=5 grace=0 emit=close", "t = reduce w store=mine retention=1000", "o = toStream t", "to o out"],
        [new("in", "k", "a1", 10), new("in", "k", "a2", 16), new("in", "k", "a3", 14), new("in", "other", "a4", 30)],
        theirs: ["1: out k@10/10=a1 at 10", "3: out k@10/16=a1a2a3 at 16"],
        ours: ["1: out k@10/10=a1 at 10", "3: out k@14/16=a2a3 at 16"]);

    [Fact]
    public Task A_record_that_met_none_goes_out_when_its_window_has_closed_and_is_joined_no_more() => AssertDifferAsync(
        ["a = stream left", "b = stream right", "j = leftJoin a b size=5 grace=10", "to j out"],
        [new("left", "other", "a1", 20), new("left", "k", "a2", 10), new("right", "k", "b1", 12), new("left", "k", "a3", 1), new("left", "other", "a4", 40)],
        theirs: ["1: out k=a2,null at 10", "2: out k=a2,b1 at 12", "3: out k=a3,null at 1", "4: out other=a1,null at 20"],
        ours: ["2: out k=a2,b1 at 12", "4: out other=a1,null at 20"]);

    [Fact]
    public Task Records_of_joined_streams_are_kept_until_they_can_meet_no_more() => AssertDifferAsync(
        ["a = stream left", "b = stream right", "j = join a b size=5 grace=0", "to j out"],
        [new("right", "k", "b1", 10), new("right", "other", "b2", 20), new("left", "k", "a1", 15)],
        theirs: [],
        ours: ["2: out k=a1,b1 at 15"]);

    [Fact]
    public Task A_deletion_deletes_what_both_sides_of_a_join_are_made_of() => AssertDifferAsync(
        ["t = table in store=kept", "m = mapValues t tag=x", "j = join t m", "o = toStream j", "to o out"],
        [new("in", "k", "a1", 1), new("in", "k", null, 2)],
        theirs: ["0: out k=a1,a1x at 1", "0: out k=a1,a1x at 1"],
        ours: ["0: out k=a1,a1x at 1", "0: out k=a1,a1x at 1", "1: out k=null at 2"]);

    [Fact]
    public Task A_deletion_at_the_time_of_a_version_lasts() => AssertDifferAsync(
        ["a = table left store=versioned-l versioned=1000", "b = table right store=versioned-r versioned=1000", "j = leftJoin a b", "o = toStream j", "to o out"],
        [new("left", "k", "a1", 37), new("left", "k", null, 37), new("left", "k", "a2", 6)],
        theirs: ["0: out k=a1,null at 37", "1: out k=null at 37", "2: out k=a2,null at 6"],
        ours: ["0: out k=a1,null at 37", "1: out k=null at 37"]);

    [Fact]
    public Task A_record_that_waits_is_joined_when_stream_time_is_past_it() => AssertDifferAsync(
        ["s = stream in", "t = table table store=versioned versioned=1000", "j = join s t grace=10", "to j out"],
        [new("table", "k", "b1", 1), new("in", "k", "a1", 5), new("table", "other", "b2", 16), new("in", "other", "a2", 17)],
        theirs: ["3: out k=a1,b1 at 5"],
        ours: ["2: out k=a1,b1 at 5"]);

    [Fact]
    public Task A_session_leaves_out_what_has_no_value() => AssertDifferAsync(
        ["s = stream in", "g = groupByKey s", "w = sessions g size=5 grace=0", "t = aggregate w", "o = toStream t", "to o out"],
        [new("in", "k", null, 1)],
        theirs: ["0: out k@1/1=<null at 1"],
        ours: []);

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

    /// <summary>The second input closes the first one's window or lets it out.</summary>
    [Theory]
    [InlineData("w = windows g size=10 grace=0 emit=close|r = reduce w store=mine retention=1000", "1", "")]
    [InlineData("w = windows g size=10 grace=0|t = reduce w|r = suppress t", "0", "")]
    [InlineData("w = sessions g size=10 grace=0|r = reduce w", ",", "0,1")]
    public async Task Headers_of_what_comes_late_and_of_sessions_differ(string lines, string theirs, string ours)
    {
        string[] topology = ["s = stream in", "g = groupByKey s", .. lines.Split('|'), "o = toStream r", "to o out"];
        Input[] inputs = [new("in", "k", "a1", 1), new("in", "k", "a2", 20)];

        Answer answer = await kafkaStreams.AskAsync(topology, [inputs]);

        Assert.Equal(theirs, string.Join(',', answer.Runs[0].Outputs.Select(output => output.Headers)));
        Assert.Equal(ours, string.Join(',', OurStreams.Ask(topology, [inputs]).Runs[0].Outputs.Select(output => output.Headers)));
    }

    private async Task AssertDifferAsync(string[] topology, Input[] inputs, string[] theirs, string[] ours)
    {
        Answer answer = await kafkaStreams.AskAsync(topology, [inputs]);

        Assert.Equal(theirs, Comparison.Lines(answer.Runs[0].Outputs));
        Assert.Equal(ours, Comparison.Lines(OurStreams.Ask(topology, [inputs]).Runs[0].Outputs));
    }
}
