using Assay.Schemas;
using Assay.Topology.Tests.Harness;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>Semantics: Answers; logs that a reorganisation takes back, moves or restores.</summary>
public sealed class ReorganisationTests
{
    private static JoinUnderTest Settled() => new JoinUnderTest()
        .Take(Answer(0, 100, "1"), Quote(30, 100), Answer(61, 101, "2"), Quote(90, 100), Quote(150, 100)).Until(200);

    [Fact]
    public void Removed_answer_gives_its_windows_back_to_the_one_before()
    {
        JoinUnderTest join = Settled().Take(Answer(61, 101, "2", removed: true, observedAfter: 5));

        foreach (double end in new[] { 120, 180 })
            Assert.Equal(("1", 1), (join.Latest(WindowId(end))!.RoundId, join.Latest(WindowId(end))!.Revision));
        Assert.Equal(0, join.Latest(WindowId(60))!.Revision);
    }

    [Fact]
    public void Record_of_a_removed_answer_is_retracted()
    {
        JoinUnderTest join = Settled().Take(Answer(61, 101, "2", removed: true, observedAfter: 5));

        Accuracy record = join.Latest(AnswerId("2"))!;
        Assert.Equal((AccuracyStatus.Retracted, 1), (record.Status, record.Revision));
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(61)), record.At);
        Assert.Equal((Pair, Feed, 1L, AccuracyTrigger.Answer), (record.Pair, record.Feed, record.ChainId, record.Trigger));
        Assert.Null(record.ContractPrice);
        Assert.Null(record.Average);
        Assert.Null(record.DeviationPct);
        Assert.Empty(record.Sources);
    }

    [Fact]
    public void Window_whose_only_answer_is_removed_is_retracted_and_comes_back_with_another()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100, "1"), Quote(30, 100)).Until(200).Take(Answer(0, 100, "1", removed: true, observedAfter: 5));
        Assert.Equal(AccuracyStatus.Retracted, join.Latest(WindowId(60))!.Status);

        join.Take(Answer(10, 100.5m, "1", block: "0xnew", observedAfter: 6));
        Assert.Equal((AccuracyStatus.Ok, 2, 100.5m), (join.Latest(WindowId(60))!.Status, join.Latest(WindowId(60))!.Revision, join.Latest(WindowId(60))!.ContractPrice!.Value));
    }

    [Fact]
    public void Removal_twice_emits_once()
    {
        ContractAnswer removal = Answer(61, 101, "2", removed: true, observedAfter: 5);
        JoinUnderTest join = Settled().Take(removal);
        int before = join.Emitted.Count;

        join.Take(removal, removal with { ObservedAt = At(500) });
        Assert.Equal(before, join.Emitted.Count);
    }

    [Fact]
    public void Removal_that_arrives_before_its_log_wins()
    {
        JoinUnderTest join = new JoinUnderTest()
            .Take(Quote(30, 100), Answer(61, 101, removed: true, observedAfter: 5), Answer(61, 101)).Restart().Take(Answer(61, 101)).Until(200);

        Assert.Empty(join.Emitted);
    }

    [Fact]
    public void Removal_observed_with_its_log_wins()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(61, 101, removed: true), Answer(61, 101)).Until(200);

        Assert.Empty(join.Emitted);
    }

    [Fact]
    public void Log_seen_again_after_its_removal_is_back_on_the_chain()
    {
        JoinUnderTest join = Settled().Take(Answer(61, 101, "2", removed: true, observedAfter: 5), Answer(61, 101, "2", observedAfter: 9));

        Assert.Equal((AccuracyStatus.Deviating, 2), (join.Latest(AnswerId("2"))!.Status, join.Latest(AnswerId("2"))!.Revision));
        Assert.Equal(("2", 2), (join.Latest(WindowId(120))!.RoundId, join.Latest(WindowId(120))!.Revision));
    }

    [Fact]
    public void Round_mined_again_in_another_block_is_one_record()
    {
        // The new block is announced before the old one is taken back.
        JoinUnderTest join = Settled().Take(Answer(63, 101, "2", block: "0xnew", observedAfter: 4), Answer(61, 101, "2", removed: true, observedAfter: 5));

        Accuracy record = join.Latest(AnswerId("2"))!;
        Assert.Equal((1, DateTime.UnixEpoch.AddMilliseconds(At(63))), (record.Revision, record.At));
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(At(63)), join.Latest(WindowId(120))!.AnswerUpdatedAt);
    }

    [Fact]
    public void Answer_taken_back_and_mined_again_unchanged_ends_as_it_was()
    {
        JoinUnderTest join = Settled();
        decimal? deviation = join.Latest(WindowId(120))!.DeviationPct;

        join.Take(Answer(61, 101, "2", removed: true, observedAfter: 5), Answer(61, 101, "2", block: "0xnew", observedAfter: 6));
        Assert.Equal((2, deviation, "2"), (join.Latest(WindowId(120))!.Revision, join.Latest(WindowId(120))!.DeviationPct, join.Latest(WindowId(120))!.RoundId));
    }

    [Fact]
    public void Removal_of_the_answer_in_force_is_heard_after_revise_within_too()
    {
        JoinUnderTest join = new JoinUnderTest(Options with { ReviseWithin = TimeSpan.FromSeconds(600) })
            .Take(Answer(0, 100, "1"), Quote(30, 100), Quote(5_000, 100)).Until(5_100).Take(Answer(0, 100, "1", removed: true, observedAfter: 5_000));

        Assert.Equal(AccuracyStatus.Retracted, join.Latest(WindowId(5_040))!.Status);
        Assert.Equal(AccuracyStatus.Ok, join.Latest(WindowId(60))!.Status);
    }
}
