using Assay.Cli.Replay;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Cli.Tests.Replay;

/// <summary>The bar that <c>assay replay</c> draws on a terminal.</summary>
public sealed class ProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _terminal = new() { NewLine = "\n" };
    private int _columns = 100;

    [Fact]
    public void Bar_tells_how_far_how_fast_and_how_long_still()
    {
        Progress progress = Shown();
        progress.Show("replaying", 0, 40_000, "records");
        Assert.Equal("replaying [------------------------------]   0 %  0 records/s", Drawn());

        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Show("replaying", 10_000, 40_000, "records");
        Assert.Equal("replaying [#######-----------------------]  25 %  5,000 records/s  00:00:06 left", Drawn());

        _time.Advance(TimeSpan.FromSeconds(6));
        progress.Show("replaying", 40_000, 40_000, "records");
        Assert.Equal("replaying [##############################] 100 %  5,000 records/s  00:00:00 left", Drawn());
    }

    [Fact]
    public void Bytes_are_megabytes_and_of_an_unknown_whole_only_the_rate_is_told()
    {
        Progress progress = Shown();
        progress.Show("reading", 0, 0, "B");
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Show("reading", 2_500_000, 0, "B");
        Assert.Equal("reading 2.5 MB/s", Drawn());
    }

    [Fact]
    public void New_work_is_measured_from_its_own_beginning()
    {
        Progress progress = Shown();
        progress.Show("reading", 0, 100, "records");
        _time.Advance(TimeSpan.FromSeconds(50));
        progress.Show("sending", 0, 100, "records");
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Show("sending", 20, 100, "records");
        Assert.EndsWith(" 20 %  20 records/s  00:00:04 left", Drawn(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bar_is_drawn_ten_times_a_second_at_most()
    {
        Progress progress = Shown();
        progress.Show("sending", 0, 100, "records");
        string drawn = _terminal.ToString();
        _time.Advance(TimeSpan.FromMilliseconds(99));
        progress.Show("sending", 50, 100, "records");
        Assert.Equal(drawn, _terminal.ToString());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        progress.Show("sending", 50, 100, "records");
        Assert.NotEqual(drawn, _terminal.ToString());
    }

    [Theory]
    [InlineData(64, "reading market.csv [#####------]  50 %  1.0 MB/s  00:00:01 left")]
    [InlineData(50, "reading market.csv  50 %  1.0 MB/s  00:00:01 left")]
    [InlineData(20, "reading market.csv")]
    public void Line_fits_the_terminal(int columns, string expected)
    {
        _columns = columns;
        Progress progress = Shown();
        progress.Show("reading market.csv", 0, 2_000_000, "B");
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Show("reading market.csv", 1_000_000, 2_000_000, "B");
        string line = Drawn();
        Assert.True(line.Length < columns, line);
        Assert.Equal(expected, line);
    }

    [Fact]
    public void Sentence_stands_above_the_bar_and_nothing_of_the_bar_is_left()
    {
        Progress progress = Shown();
        progress.Show("sending", 0, 100, "records");
        int length = Drawn().Length;
        Assert.True(length > 0);
        progress.Say("assay: said");
        Assert.EndsWith($"\r{new string(' ', length)}\rassay: said\n", _terminal.ToString(), StringComparison.Ordinal);
        progress.Clear();
        Assert.EndsWith("said\n\r", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_terminal_there_is_no_bar()
    {
        Progress progress = new(_terminal, shown: false, () => _columns, _time);
        progress.Show("sending", 0, 100, "records");
        progress.Say("assay: said");
        progress.Clear();
        Assert.Equal("assay: said\n", _terminal.ToString());
    }

    private Progress Shown() => new(_terminal, shown: true, () => _columns, _time);

    /// <summary>What stands on the line since it was last drawn.</summary>
    private string Drawn() => _terminal.ToString().Split('\r')[^1].TrimEnd();
}
