using Assay.Ingest.Apis.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Ingest.Apis;

public sealed class PacingTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Cadence_does_not_drift_with_the_work_between()
    {
        Cadence cadence = new(TimeSpan.FromSeconds(10), _time);
        DateTimeOffset start = _time.GetUtcNow();
        List<double> moments = [];
        for (int round = 0; round < 5; round++)
        {
            _time.Advance(TimeSpan.FromSeconds(3.7));
            _time.Advance(cadence.UntilNext());
            moments.Add((_time.GetUtcNow() - start).TotalSeconds);
        }

        Assert.Equal([10, 20, 30, 40, 50], moments);
    }

    [Fact]
    public void Slow_work_skips_what_it_missed_and_keeps_the_beat()
    {
        Cadence cadence = new(TimeSpan.FromSeconds(10), _time);
        _time.Advance(TimeSpan.FromSeconds(34));

        Assert.Equal(TimeSpan.FromSeconds(6), cadence.UntilNext());
    }

    [Fact]
    public void Timer_that_fires_early_does_not_get_the_same_moment_twice()
    {
        Cadence cadence = new(TimeSpan.FromSeconds(10), _time);
        _time.Advance(cadence.UntilNext() - TimeSpan.FromMilliseconds(1));

        Assert.Equal(TimeSpan.FromMilliseconds(10_001), cadence.UntilNext());
    }

    [Fact]
    public void Backoff_doubles_to_its_bound_and_is_never_less_than_half()
    {
        TimeSpan first = TimeSpan.FromSeconds(1), longest = TimeSpan.FromSeconds(60);
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(1, 8).Select(failures => Backoff.After(failures, first, longest, 1).TotalSeconds));
        Assert.Equal([0.5, 1, 2], Enumerable.Range(1, 3).Select(failures => Backoff.After(failures, first, longest, 0).TotalSeconds));
        Assert.Equal(longest, Backoff.After(int.MaxValue, TimeSpan.FromDays(1), longest, 1));
    }

    [Fact]
    public void Asked_pause_is_kept_and_bounded()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), Backoff.Asked(TimeSpan.FromSeconds(30), 0));
        Assert.Equal(TimeSpan.FromSeconds(33), Backoff.Asked(TimeSpan.FromSeconds(30), 1));
        Assert.Equal(Backoff.LongestAsked, Backoff.Asked(TimeSpan.FromDays(365), 0));
    }

    [Fact]
    public void Longest_pause_that_a_source_was_told_holds()
    {
        SourcePause pause = new(_time);
        Assert.True(pause.Remaining <= TimeSpan.Zero);
        pause.For(TimeSpan.FromSeconds(30));
        pause.For(TimeSpan.FromSeconds(5));

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(20), pause.Remaining);
    }

    [Fact]
    public void Outage_says_each_cause_once_and_its_end_once()
    {
        Outage outage = new(_time);
        Assert.Null(outage.Ends());
        Assert.Equal([true, false, true, false], new[] { "timed-out", "timed-out", "server-error", "timed-out" }.Select(outage.Begins));

        _time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal(TimeSpan.FromSeconds(7), outage.Ends());
        Assert.Null(outage.Ends());
        Assert.True(outage.Begins("timed-out"));
    }
}
