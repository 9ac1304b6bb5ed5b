using System.Globalization;

namespace Assay.Cli.Replay;

/// <summary>One line on a terminal that tells how far the work is, how fast it goes and how long it will take; nothing where there is no terminal.</summary>
/// <param name="columns">The terminal's width, as it is now; a longer line would wrap, and could not be drawn over.</param>
internal sealed class Progress(TextWriter terminal, bool shown, Func<int> columns, TimeProvider time)
{
    private const int Widest = 30;
    private const int Narrowest = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private string _what = "";
    private long _begun;
    private long _last;
    private int _drawn;

    /// <param name="what">A new one begins a new measurement.</param>
    /// <param name="done">Of <paramref name="total"/>; where that is 0, how much there is is not known.</param>
    /// <param name="total">All there is.</param>
    /// <param name="unit">B for bytes, else a plural.</param>
    public void Show(string what, long done, long total, string unit)
    {
        if (!shown)
            return;
        long now = time.GetTimestamp();
        if (what != _what)
            (_what, _begun, _last) = (what, now, 0);
        if (_last != 0 && time.GetElapsedTime(_last, now) < Pause)
            return;
        _last = now;
        Draw(Line(what, done, total, unit, time.GetElapsedTime(_begun, now), columns() - 1));
    }

    /// <summary>Writes a line of its own above the bar.</summary>
    public void Say(string sentence)
    {
        Clear();
        terminal.WriteLine(sentence);
    }

    /// <summary>Takes the bar away.</summary>
    public void Clear()
    {
        if (_drawn > 0)
            Draw("");
        if (shown)
            terminal.Write('\r');
        _drawn = 0;
    }

    private static string Line(string what, long done, long total, string unit, TimeSpan elapsed, int most)
    {
        double rate = elapsed > TimeSpan.Zero ? done / elapsed.TotalSeconds : 0;
        string speed = unit == "B" ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e6:0.0} MB/s") : string.Create(CultureInfo.InvariantCulture, $"{rate:#,0} {unit}/s");
        string bar = "", rest = speed;
        if (total > 0)
        {
            double part = Math.Min(1, (double)done / total);
            string left = rate > 0 ? $"  {TimeSpan.FromSeconds(Math.Ceiling((total - done) / rate)):c} left" : "";
            rest = string.Create(CultureInfo.InvariantCulture, $"{part * 100,3:0} %  {speed}{left}");
            int width = Math.Min(Widest, most - what.Length - rest.Length - " [] ".Length);
            int full = (int)(part * width);
            if (width >= Narrowest)
                bar = $"[{new string('#', full)}{new string('-', width - full)}] ";
        }
        string line = $"{what} {bar}{rest}";
        return line.Length <= most ? line : line[..Math.Max(0, most)];
    }

    private void Draw(string line)
    {
        terminal.Write('\r' + line.PadRight(_drawn));
        _drawn = line.Length;
    }
}
