using System.Globalization;

namespace Assay.Cli.Configuration.Internal;

/// <summary>Durations as people write them: a number and a unit, <c>500ms</c>, <c>60s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>.</summary>
internal static class DurationText
{
    public const string Mend = "write a number and a unit, like \"500ms\", \"60s\", \"5m\", \"24h\" or \"7d\"";

    /// <summary>The same in JSON Schema's words.</summary>
    public const string Pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";

    // Longest first: "ms" ends in "s".
    private static readonly (string Suffix, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach ((string suffix, TimeSpan length) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            if (!decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count))
                return false;
            if (count > TimeSpan.MaxValue.Ticks / length.Ticks)
                return false;
            duration = new TimeSpan((long)(count * length.Ticks));
            return true;
        }
        return false;
    }

    /// <summary>In the largest unit that needs no fraction.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach ((string suffix, TimeSpan length) in Units.Reverse())
        {
            if (duration.Ticks % length.Ticks == 0 && (duration.Ticks != 0 || suffix == "s"))
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / length.Ticks}{suffix}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)duration.Ticks / TimeSpan.TicksPerMillisecond}ms");
    }
}
