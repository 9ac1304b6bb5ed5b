using Assay.Schemas;
using Assay.Topology.Tests.Harness;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>Semantics: Accuracy; records emitted again, and the end of that.</summary>
public sealed class RevisionTests
{
    [Fact]
    public void Late_quote_revises_its_window_and_the_answers_it_serves()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(30, 100), Answer(75, 100, "2"), Quote(31, 102));

        Assert.Equal((101m, 1), (join.Latest(WindowId(60))!.Average!.Value, join.Latest(WindowId(60))!.Revision));
        Assert.Equal((101m, 1), (join.Latest(AnswerId("2"))!.Average!.Value, join.Latest(AnswerId("2"))!.Revision));
    }

    [Fact]
    public void Late_quote_does_not_touch_answers_that_a_later_window_serves()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Quote(90, 100), Answer(130, 100), Quote(31, 102));

        Assert.Equal(0, join.Emitted.Single(record => record.Trigger == AccuracyTrigger.Answer).Revision);
    }

    [Fact]
    public void Late_quote_into_an_empty_window_makes_its_records_and_takes_over_its_answers()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(30, 100), Answer(130, 100, "2"), Quote(70, 104));

        Assert.Equal((104m, 0), (join.Latest(WindowId(120))!.Average!.Value, join.Latest(WindowId(120))!.Revision));
        Assert.Equal((104m, 1), (join.Latest(AnswerId("2"))!.Average!.Value, join.Latest(AnswerId("2"))!.Revision));
    }

    [Fact]
    public void Late_quote_that_completes_min_sources_makes_the_record()
    {
        JoinUnderTest join = new JoinUnderTest(Options with { MinSources = 2 }).Take(Answer(0, 100), Quote(30, 100)).Until(70);
        Assert.Empty(join.Emitted);

        join.Take(Quote(31, 102, "kraken"));
        Assert.Equal((101m, 0), (join.Latest(WindowId(60))!.Average!.Value, join.Latest(WindowId(60))!.Revision));
    }

    [Fact]
    public void Late_quote_that_is_not_fresh_emits_nothing()
    {
        AccuracyOptions options = Options with { Sources = [new AccuracySource("coingecko", TimeSpan.FromSeconds(20))] };
        JoinUnderTest join = new JoinUnderTest(options).Take(Answer(0, 100), Quote(30, 100)).Until(70).Take(Quote(31, 200, quotedAt: 0));

        Assert.Single(join.Emitted);
    }

    [Fact]
    public void Late_answer_revises_the_windows_it_was_in_force_for()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100, "1"), Quote(30, 100), Quote(90, 100), Quote(150, 100), Answer(150, 103, "3")).Until(200);
        int before = join.Emitted.Count;

        join.Take(Answer(61, 102, "2"));

        Assert.Equal([AnswerId("2"), WindowId(120)], join.Emitted.Skip(before).Select(record => record.Id).Order());
        Assert.Equal(("2", 1), (join.Latest(WindowId(120))!.RoundId, join.Latest(WindowId(120))!.Revision));
        Assert.Equal(0, join.Latest(WindowId(180))!.Revision);
    }

    [Fact]
    public void Backfilled_first_answer_makes_the_records_of_windows_already_closed()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Quote(90, 100)).Until(200);
        Assert.Empty(join.Emitted);

        join.Take(Answer(0, 100));
        Assert.Equal([WindowId(60), WindowId(120)], join.Emitted.Select(record => record.Id));
    }

    [Fact]
    public void Answer_that_is_overtaken_at_its_own_moment_revises_no_window()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(20, 100, "2"), Quote(30, 100)).Until(200).Take(Answer(20, 90, "1"));

        Assert.Equal([0], join.Revisions(WindowId(60)).Select(record => record.Revision));
    }

    [Fact]
    public void Answer_with_equal_content_in_force_still_names_its_round()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(20, 100, "1"), Quote(30, 100)).Until(200).Take(Answer(21, 100, "2"));

        Assert.Equal(("2", 1), (join.Latest(WindowId(60))!.RoundId, join.Latest(WindowId(60))!.Revision));
    }

    [Fact]
    public void Same_log_twice_emits_nothing_more()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Quote(30, 100), Answer(60, 100)).Until(200);
        int before = join.Emitted.Count;

        join.Take(Answer(60, 100), Answer(60, 100, observedAfter: 50));
        Assert.Equal(before, join.Emitted.Count);
    }

    [Fact]
    public void Record_is_revised_for_as_long_as_revise_within_and_no_longer()
    {
        AccuracyOptions options = Options with { ReviseWithin = TimeSpan.FromSeconds(600) };
        JoinUnderTest join = new JoinUnderTest(options).Take(Answer(0, 100), Quote(30, 100)).Until(660).Take(Quote(31, 102));
        Assert.Equal(1, join.Latest(WindowId(60))!.Revision);

        join.Until(660.001).Take(Quote(32, 104));
        Assert.Equal(1, join.Latest(WindowId(60))!.Revision);
    }

    [Fact]
    public void Answer_in_force_survives_however_old_it_is()
    {
        AccuracyOptions options = Options with { ReviseWithin = TimeSpan.FromSeconds(600) };
        JoinUnderTest join = new JoinUnderTest(options).Take(Answer(0, 100), Answer(1, 101, "2"), Quote(30, 100), Quote(100_000, 100)).Until(100_100);

        Accuracy record = join.Latest(WindowId(100_020))!;
        Assert.Equal(("2", AccuracyStatus.Stale), (record.RoundId, record.Status));
    }

    [Fact]
    public void Answer_older_than_revise_within_comes_into_force_when_it_is_the_latest()
    {
        AccuracyOptions options = Options with { ReviseWithin = TimeSpan.FromSeconds(600) };
        JoinUnderTest join = new JoinUnderTest(options).Take(Quote(10_000, 100), Quote(10_100, 100)).Take(Answer(5, 100, "2"), Answer(4, 99, "1"));

        Assert.Equal("2", join.Latest(WindowId(10_020))!.RoundId);
        Assert.Null(join.Latest(AnswerId("2")));
    }

    [Fact]
    public void State_stays_bounded_by_revise_within()
    {
        AccuracyOptions options = Options with { ReviseWithin = TimeSpan.FromSeconds(600) };
        JoinUnderTest join = new(options);
        int most = 0;
        for (int i = 0; i < 2_000; i++)
        {
            join.Take(Quote(i * 30, 100), Answer(i * 30 + 1, 100, $"{i + 1}"), Answer(i * 30 + 2, 100, $"{i + 1}", removed: true, block: "0xother"));
            most = Math.Max(most, join.StateEntries);
        }

        // 600 s hold 10 windows, five more may serve answers, one is open; twice 600 s hold 40 rounds; the answer before them is in force; and the clock.
        Assert.InRange(most, 50, 62);
    }

    [Fact]
    public void Restart_forgets_nothing_and_repeats_nothing()
    {
        JoinUnderTest join = new JoinUnderTest().Take(Answer(0, 100), Quote(30, 100, quotedAt: 29), Answer(65, 100, "2")).Restart().Until(69).Restart();
        Assert.Empty(join.Emitted);

        join.Until(70).Restart().Until(200).Restart();
        Assert.Equal([WindowId(60), AnswerId("2")], join.Emitted.Select(record => record.Id));

        join.Take(Answer(65, 100, "2"), Quote(31, 102)).Restart();
        Assert.Equal((101m, 1), (join.Latest(WindowId(60))!.Average!.Value, join.Latest(WindowId(60))!.Revision));
        Assert.Equal((101m, 1), (join.Latest(AnswerId("2"))!.Average!.Value, join.Latest(AnswerId("2"))!.Revision));
    }

    [Fact]
    public void Shorter_grace_after_a_restart_closes_what_was_open()
    {
        RestartableStore store = new(new Topology.Internal.State.StateSerde(Options));
        List<Accuracy> emitted = [];
        Topology.Internal.Rules.AccuracyJoin before = new(Options, () => At(0), store, emitted.Add);
        before.Add(Answer(0, 100));
        before.Add(Quote(30, 100));
        before.Advance(At(65));
        store.Commit();
        Assert.Empty(emitted);

        Topology.Internal.Rules.AccuracyJoin after = new(Options with { Grace = TimeSpan.Zero }, () => At(0), store.Restored(), emitted.Add);
        after.Advance(At(66));
        Assert.Equal(WindowId(60), emitted.Single().Id);
    }
}
