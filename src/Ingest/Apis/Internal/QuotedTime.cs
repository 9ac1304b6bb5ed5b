using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Assay.Ingest.Apis.Internal;

/// <summary>
/// The time a source gives its price: unix seconds (up to the year 5138) or milliseconds (from 1973 on) as a number or a
/// string of one, or ISO-8601 with a date, a time, any number of decimals and a zone (UTC where it gives none).
/// </summary>
internal static partial class QuotedTime
{
    private const decimal FirstMilliseconds = 100_000_000_000m;
    private const decimal BeyondMilliseconds = 100_000_000_000_000m;

    /// <summary>Null where <paramref name="value"/> is no such time; else UTC, cut to whole milliseconds.</summary>
    public static DateTime? Parse(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDecimal(out decimal unix) ? FromUnix(unix) : null,
        JsonValueKind.String => FromText(value.GetString()!),
        _ => null,
    };

    private static DateTime? FromText(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal unix))
            return FromUnix(unix);
        Match match = Iso8601().Match(text);
        if (!match.Success)
            return null;
        string zone = match.Groups["zone"].Value is { Length: > 0 } given ? given : "Z";
        string whole = $"{match.Groups["date"].Value}T{match.Groups["time"].Value}{zone}";
        if (!DateTimeOffset.TryParseExact(whole, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time))
            return null;
        string milliseconds = match.Groups["fraction"].Value.PadRight(3, '0')[..3];
        return time.UtcDateTime.AddMilliseconds(int.Parse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private static DateTime? FromUnix(decimal unix) => unix switch
    {
        < 0 or >= BeyondMilliseconds => null,
        < FirstMilliseconds => DateTimeOffset.FromUnixTimeMilliseconds((long)(unix * 1_000)).UtcDateTime,
        _ => DateTimeOffset.FromUnixTimeMilliseconds((long)unix).UtcDateTime,
    };

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]+))?(?<zone>Z|[+-][0-9]{2}:[0-9]{2})?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601();
}
