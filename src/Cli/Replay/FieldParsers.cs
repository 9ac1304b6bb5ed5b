using System.Globalization;

namespace Assay.Cli.Replay;

/// <summary>What may stand in a field of a recording.</summary>
internal static class FieldParsers
{
    /// <summary>A whole number up to this is seconds (until the year 5138), above it milliseconds (from 1973 on).</summary>
    private const long LargestSeconds = 99_999_999_999;

    private static readonly DateTimeOffset Latest = DateTimeOffset.FromUnixTimeSeconds(253_402_300_799);

    /// <summary>Unix seconds (with decimals or without), unix milliseconds, or ISO-8601, which is UTC where it names no zone.</summary>
    /// <param name="milliseconds">Since the epoch; anything finer is cut off.</param>
    public static bool TryTime(ReadOnlySpan<char> text, out long milliseconds)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
        {
            milliseconds = whole <= LargestSeconds ? whole * 1_000 : whole;
            return milliseconds <= Latest.ToUnixTimeMilliseconds();
        }
        milliseconds = 0;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds <= LargestSeconds)
        {
            milliseconds = (long)(seconds * 1_000);
            return true;
        }
        // Without this the parser would take dates of any fashion.
        if (text.Length < 10 || text[4] != '-' || text[7] != '-')
            return false;
        bool good = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time);
        milliseconds = good ? time.ToUnixTimeMilliseconds() : 0;
        return good && milliseconds >= 0;
    }

    /// <summary>A decimal number, in exponent form too.</summary>
    public static bool TryPrice(ReadOnlySpan<char> text, out decimal price) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out price);

    public static bool TryFlag(ReadOnlySpan<char> text, out bool flag)
    {
        flag = text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("t", StringComparison.OrdinalIgnoreCase);
        return flag || text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("f", StringComparison.OrdinalIgnoreCase);
    }
}
