using Assay.Cli.Replay;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Cli.Tests.Replay;

/// <summary><c>assay replay --speed</c>: at 60x a minute of event time takes a second.</summary>
public sealed class TempoTests
{
    private const long First = 1_692_308_400_000;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Input_has_its_turn_when_the_factors_part_of_its_event_time_has_passed()
    {
        Tempo tempo = new(60, _time);
        Assert.Equal(TimeSpan.Zero, tempo.UntilTurnOf(First));
        Assert.Equal(TimeSpan.FromSeconds(1), tempo.UntilTurnOf(First + 60_000));
        _time.Advance(TimeSpan.FromSeconds(0.75));
        Assert.Equal(TimeSpan.FromSeconds(0.25), tempo.UntilTurnOf(First + 60_000));
        _time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(TimeSpan.Zero, tempo.UntilTurnOf(First + 60_000));
    }

    [Fact]
    public void Delay_is_caught_up_with()
    {
        Tempo tempo = new(0.5, _time);
        tempo.UntilTurnOf(First);
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.Zero, tempo.UntilTurnOf(First + 1_000));
        Assert.Equal(TimeSpan.FromSeconds(1), tempo.UntilTurnOf(First + 4_000));
    }

    [Fact]
    public void Without_a_factor_every_turn_has_come()
    {
        Tempo tempo = new(null, _time);
        tempo.UntilTurnOf(First);
        Assert.Equal(TimeSpan.Zero, tempo.UntilTurnOf(First + 86_400_000));
    }
}
